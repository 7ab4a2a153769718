// Dovecot and Postfix in one folder on free loopback ports. Everybody's mailbox is there; Dana logs in by password, and
// whoever comes with a token is asked about at the authorization server.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const free = () => new Promise((done) => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

const answers = (port) => new Promise((done) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.setTimeout(500, () => socket.destroy());
  socket.on('data', () => { socket.destroy(); done(true); }).on('error', () => {}).on('close', () => done(false));
});

export async function until(what, test, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  while (!(await test())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

export async function start(authorization) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'authorization-'));
  fs.chmodSync(home, 0o755);
  const [imap, smtp] = [await free(), await free()];
  const own = (name, user) => {
    fs.mkdirSync(path.join(home, name), { recursive: true });
    execFileSync('chown', [user, path.join(home, name)]);
  };
  for (const name of ['mail', 'home']) own(name, 'dovecot:dovecot');
  fs.mkdirSync(path.join(home, 'work'));
  const openssl = (...words) => execFileSync('openssl', words, { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1', '-keyout', 'leaf.key', '-out', 'leaf.csr');
  fs.writeFileSync(path.join(home, 'leaf.ext'), 'subjectAltName=IP:127.0.0.1\n');
  openssl('x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'leaf.ext', '-out', 'leaf.pem');
  fs.writeFileSync(path.join(home, 'oauth2.conf'), `introspection_mode = get
introspection_url = ${authorization.url}/introspect/
username_attribute = username
active_attribute = active
active_value = true
`);
  fs.writeFileSync(path.join(home, 'dovecot.conf'), dovecot(home, imap));
  postfix(home, smtp);
  const log = fs.openSync(path.join(home, 'servers.log'), 'a');
  const run = (program, ...words) => spawn(program, words, { stdio: ['ignore', log, log] });
  const servers = [
    run('/usr/sbin/dovecot', '-F', '-c', path.join(home, 'dovecot.conf')),
    run('/usr/lib/postfix/sbin/master', '-c', path.join(home, 'postfix'), '-d'),
  ];
  await until('the mail servers', async () => (await answers(smtp)) && fs.existsSync(path.join(home, 'lmtp')));
  return {
    home, imap, smtp,
    work: path.join(home, 'work'),
    doveadm: (...words) => execFileSync('doveadm', ['-c', path.join(home, 'dovecot.conf'), ...words]).toString(),
    letters: (address) => {
      const folders = ['new', 'cur'].map((name) => path.join(home, 'mail', address, name)).filter(fs.existsSync);
      return folders.flatMap((folder) => fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), 'utf8')));
    },
    forgetLetters: (address) => {
      for (const name of ['new', 'cur']) {
        const folder = path.join(home, 'mail', address, name);
        if (fs.existsSync(folder)) for (const file of fs.readdirSync(folder)) fs.rmSync(path.join(folder, file));
      }
    },
    stop: async () => {
      for (const server of servers) server.kill('SIGTERM');
      await Promise.all(servers.map((server) => server.exitCode ?? new Promise((done) => server.on('exit', done))));
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

function dovecot(home, imap) {
  return `base_dir = ${home}/run
state_dir = ${home}/state
log_path = ${home}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
mail_location = maildir:${home}/mail/%u
mail_uid = dovecot
mail_gid = dovecot
first_valid_uid = 1
first_valid_gid = 1
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_cache_size = 0
mail_max_userip_connections = 100
ssl = yes
ssl_cert = <${home}/leaf.pem
ssl_key = <${home}/leaf.key
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${home}/oauth2.conf
}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=dovecot gid=dovecot home=${home}/home/%u allow_all_users=yes
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${imap}
    ssl = yes
  }
}
service lmtp {
  chroot =
  unix_listener ${home}/lmtp {
    mode = 0666
  }
}
service auth {
  chroot =
  unix_listener ${home}/sasl {
    mode = 0666
  }
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
}
`;
}

function postfix(home, smtp) {
  const make = (name, mode, owner) => {
    fs.mkdirSync(path.join(home, name), { recursive: true });
    execFileSync('chown', [owner, path.join(home, name)]);
    fs.chmodSync(path.join(home, name), mode);
  };
  fs.mkdirSync(path.join(home, 'postfix'));
  fs.mkdirSync(path.join(home, 'spool'));
  for (const queue of ['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming', 'private', 'saved', 'trace']) {
    make(`spool/${queue}`, 0o700, 'postfix:root');
  }
  make('spool/pid', 0o755, 'root:root');
  make('spool/maildrop', 0o1730, 'postfix:postdrop');
  make('spool/public', 0o2710, 'postfix:postdrop');
  make('data', 0o700, 'postfix:root');
  const write = (name, text) => {
    const file = path.join(home, 'postfix', name);
    fs.writeFileSync(file, text);
    // Postfix waits where a file of its configuration has just changed.
    fs.utimesSync(file, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
  };
  write('main.cf', `compatibility_level = 3.6
queue_directory = ${home}/spool
data_directory = ${home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${home}/postfix.log
maillog_file_prefixes = ${home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example
mynetworks = 127.0.0.2/32
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = lmtp:unix:${home}/lmtp
default_transport = error:nothing leaves the test bed
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${home}/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_tls_cert_file = ${home}/leaf.pem
smtpd_tls_key_file = ${home}/leaf.key
smtpd_tls_security_level = may
`);
  write('master.cf', `127.0.0.1:${smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`);
}
