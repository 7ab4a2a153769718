//! HTML to lines in one pass over html5ever's tokens: text, quotation depth, signature, links.
//!
//! No tree is built, so that time and memory grow with the document alone. Scripts, styles, comments and
//! hidden elements are left out, a cell ends in a space, an item begins with `- `, a picture is its
//! `alt` only where that is an emoji. Limits: 256 nested containers (further ones are plain elements);
//! CSS is read in `style` attributes alone; a container that is never closed lasts to the end.

use std::cell::RefCell;
use std::ops::Range;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use memchr::memchr_iter;

use super::containers::{self, Attributes, Container};
use super::elements::{OpenElements, attribute, has_attribute, is_block, parts};
use super::lines::{BodyLine, is_invisible, is_spaced_once};
use super::tags;

/// The text of a document; lines refer into `buffer`.
#[derive(Debug, Default)]
pub(super) struct Document {
    buffer: String,
    spans: Vec<TextSpan>,
    /// Web addresses and the line that each is in.
    pub links: Vec<(usize, String)>,
    /// A picture is the first that the author shows, before any word.
    pub opens_with_picture: bool,
}

#[derive(Debug)]
struct TextSpan {
    range: Range<usize>,
    depth: u32,
    loose: bool,
    indented: bool,
    signature: bool,
}

impl Document {
    pub(crate) fn lines(&self) -> Vec<BodyLine<'_>> {
        let line = |span: &TextSpan| BodyLine {
            text: self.buffer.get(span.range.clone()).unwrap_or_default(),
            depth: span.depth,
            loose: span.loose,
            indented: span.indented,
            signature: span.signature,
        };
        self.spans.iter().map(line).collect()
    }
}

/// Reads a document.
pub(super) fn read(html: &str) -> Document {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&tags::lightened(html)));
    let tokenizer = Tokenizer::new(HtmlSink(RefCell::new(HtmlWalk::default())), TokenizerOpts::default());
    // it hands control back early only to sinks that ask for it, which ours never does
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner().finish()
}

/// A picture that is no more than an icon, or one that counts readers.
fn is_mark(tag: &Tag) -> bool {
    const SMALLEST: u32 = 48;
    let length = |name: &str| attribute(tag, name).trim_end_matches("px").parse::<u32>().ok();
    let is_small = |length: Option<u32>| length.is_some_and(|length| length < SMALLEST);
    attribute(tag, "src").is_empty() || is_small(length("width")) || is_small(length("height"))
}

/// What a picture of a box is called.
fn ticked_by_name(alt: &str) -> Option<bool> {
    let is = |name: &str| alt.eq_ignore_ascii_case(name);
    if is("checked") { Some(true) } else { is("unchecked").then_some(false) }
}

struct HtmlSink(RefCell<HtmlWalk>);

impl TokenSink for HtmlSink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut walk = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => walk.text(&text),
            Token::TagToken(tag) => return walk.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

const MOST_CONTAINERS: usize = 256;

/// A container that is open: which element opened it, and how many of its kind were open then.
#[derive(Debug)]
struct OpenContainer {
    tag: String,
    count: u32,
    container: Container,
    /// For a wrapper: no quotation inside it has ended yet.
    quoting: bool,
    /// What is quotation from some line on ends with this element.
    bounds: bool,
}

#[derive(Debug, Default)]
struct HtmlWalk {
    document: Document,
    /// Where the line being written begins in the buffer.
    begun: usize,
    open: Vec<OpenContainer>,
    counts: OpenElements,
    onwards: bool,
    preformatted: u32,
    hidden: u32,
    skipped: bool,
    wants_space: bool,
    wants_blank: bool,
    /// The line has a link, or was ended by `<br>`: it is kept although it is empty.
    keeps: bool,
    /// The paragraph that is open has no space around it.
    tight: bool,
    /// Nothing but hard spaces was written on this line: shown as an empty one.
    hard_space: bool,
    /// Nothing but the mark of a list's item was written on this line.
    begins_item: bool,
    /// Nothing was written since a `pre` ended.
    below_pre: bool,
    state: HtmlState,
}

/// What holds for text written now.
#[derive(Clone, Copy, Debug, Default)]
struct HtmlState {
    depth: u32,
    loose: bool,
    indented: bool,
    signature: bool,
}

impl HtmlWalk {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = tag.name.as_ref();
        match tag.kind {
            TagKind::StartTag => return self.start(name, tag),
            TagKind::EndTag => self.end(name),
        }
        TokenSinkResult::Continue
    }

    fn start(&mut self, name: &str, tag: &Tag) -> TokenSinkResult<()> {
        match name {
            "br" => self.line_break(),
            "hr" if containers::parts_signature(attribute(tag, "style")) => {
                self.block(true);
                self.write("--");
                self.block(true);
            }
            "hr" => self.block(true),
            "a" => self.link(tag),
            "img" => self.picture(tag),
            "input" => self.input(tag),
            "script" => return self.raw(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                return self.raw(RawKind::Rawtext);
            }
            "title" | "textarea" => return self.raw(RawKind::Rcdata),
            _ => {}
        }
        let class = attribute(tag, "class");
        if is_block(name) {
            // Word writes every line as a paragraph without space around it
            self.tight = name == "p" && class.starts_with("Mso");
            // Outlook writes every line of a `pre` as one of its own.
            let is_next_line = name == "pre" && self.below_pre;
            self.wants_blank &= !is_next_line;
            self.below_pre = false;
            // Editors write an item's text as a block of its own, behind the mark.
            let is_items_text = self.begins_item && matches!(name, "div" | "p");
            if !is_items_text {
                self.block(parts(name) && !self.tight && !is_next_line);
            }
        }
        self.open(name, tag, class);
        match name {
            "li" => {
                self.text("- ");
                self.begins_item = true;
                if attribute(tag, "role").eq_ignore_ascii_case("checkbox") {
                    self.tick_box(attribute(tag, "aria-checked").eq_ignore_ascii_case("true"));
                }
            }
            "td" | "th" => self.wants_space = true,
            "pre" => self.preformatted += 1,
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn raw(&mut self, kind: RawKind) -> TokenSinkResult<()> {
        self.skipped = true;
        TokenSinkResult::RawData(kind)
    }

    fn end(&mut self, name: &str) {
        match name {
            "script" | "style" | "xmp" | "iframe" | "noembed" | "noframes" | "title" | "textarea" => {
                self.skipped = false
            }
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            // browsers read a stray `</br>` as a line break
            "br" => self.line_break(),
            _ => {}
        }
        if is_block(name) {
            // Word's blank line is a paragraph with nothing but a space that does not break.
            let is_blank_line = self.hard_space && self.document.buffer.len() == self.begun && !self.keeps;
            self.block(parts(name) && !self.tight || is_blank_line);
        }
        self.below_pre |= name == "pre";
        self.close(name);
    }

    fn open(&mut self, name: &str, tag: &Tag, class: &str) {
        let Some(count) = self.counts.of(name) else {
            return;
        };
        *count = count.saturating_add(1);
        let count = *count;
        let attributes = Attributes {
            class,
            id: attribute(tag, "id"),
            name: Some(attribute(tag, "name"))
                .filter(|name| !name.is_empty())
                .unwrap_or(attribute(tag, "fairemail")),
            kind: attribute(tag, "type"),
            cite: !attribute(tag, "cite").is_empty(),
            style: attribute(tag, "style"),
        };
        let Some(container) = containers::of(name, attributes) else {
            return;
        };
        if self.open.len() >= MOST_CONTAINERS {
            return;
        }
        self.block(false);
        if container == Container::Onwards && !self.onwards {
            self.onwards = true;
            let indents = |open: &&mut OpenContainer| {
                open.container == Container::Indented
                    || open.container == Container::Cite && open.tag == "blockquote"
            };
            if let Some(outermost) = self.open.iter_mut().find(indents) {
                outermost.bounds = true;
            }
        }
        self.hidden += u32::from(container == Container::Hidden);
        self.open.push(OpenContainer {
            tag: name.to_owned(),
            count,
            container,
            quoting: true,
            bounds: false,
        });
        self.update_state();
    }

    fn close(&mut self, name: &str) {
        let Some(count) = self.counts.of(name).filter(|count| **count > 0) else {
            return;
        };
        let closing = *count;
        *count -= 1;
        let Some(at) = self.open.iter().rposition(|open| open.tag == name && open.count >= closing) else {
            return;
        };
        self.block(false);
        let closed: Vec<OpenContainer> = self.open.drain(at..).collect();
        self.hidden -= closed.iter().map(|open| u32::from(open.container == Container::Hidden)).sum::<u32>();
        self.onwards &= !closed.iter().any(|open| open.bounds);
        let quotation = |open: &OpenContainer| open.container == Container::Cite && open.tag == "blockquote";
        if closed.first().is_some_and(quotation)
            && let Some(outer) = self.open.iter_mut().rev().find(|open| open.container == Container::Wrapper)
        {
            outer.quoting = false;
        }
        self.update_state();
    }

    /// Works out what holds inside the containers that are open.
    fn update_state(&mut self) {
        let quotes = |open: &&OpenContainer| {
            open.container == Container::Cite || (open.container == Container::Wrapper && open.quoting)
        };
        let cited = self.open.iter().filter(quotes).count();
        let depth = u32::try_from(cited).unwrap_or(u32::MAX).max(u32::from(self.onwards));
        let is_marked = self.open.iter().filter(quotes).any(|open| open.tag == "blockquote");
        self.state = HtmlState {
            depth,
            loose: depth > 0 && !is_marked,
            indented: self.open.iter().any(|open| open.container == Container::Indented),
            signature: self.open.iter().any(|open| open.container == Container::Signature),
        };
    }

    fn text(&mut self, text: &str) {
        if self.skipped || self.hidden > 0 {
            return;
        }
        if self.preformatted > 0 {
            let mut pieces = text.split('\n');
            if let Some(first) = pieces.next() {
                self.write(first.trim_end_matches('\r'));
            }
            for piece in pieces {
                self.line_break();
                self.write(piece.trim_end_matches('\r'));
            }
            return;
        }
        if text.starts_with(char::is_whitespace) {
            self.wants_space = true;
        }
        self.hard_space |= text.starts_with('\u{a0}') && self.document.buffer.len() == self.begun;
        // Line by line, since nearly every line can be taken as it is.
        let mut from = 0;
        for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            let line = text.get(from..end).unwrap_or_default().trim();
            from = end + 1;
            let (whole, parted) = if is_spaced_once(line) { (line, "") } else { ("", line) };
            for words in
                Some(whole).into_iter().chain(parted.split_whitespace()).filter(|one| !one.is_empty())
            {
                self.write(words);
                self.wants_space = true;
            }
        }
        self.wants_space = text.ends_with(char::is_whitespace);
    }

    fn write(&mut self, text: &str) {
        let written = self.document.buffer.len() > self.begun;
        if text.is_empty() || (!written && self.preformatted == 0 && text.chars().all(is_invisible)) {
            return;
        }
        self.pending_blank();
        if self.wants_space && written {
            self.document.buffer.push(' ');
        }
        self.wants_space = false;
        self.begins_item = false;
        self.below_pre = false;
        self.document.buffer.push_str(text);
    }

    /// Writes the blank line that a paragraph has asked for.
    fn pending_blank(&mut self) {
        if self.wants_blank && !self.document.spans.is_empty() && self.document.buffer.len() == self.begun {
            self.push_span(self.begun..self.begun);
        }
        self.wants_blank = false;
    }

    /// Ends the line, also an empty one.
    fn line_break(&mut self) {
        if self.hidden == 0 && !self.skipped {
            self.keeps = true;
            self.block(false);
        }
    }

    /// Ends the line where there is one; `apart`: with a blank line before what follows.
    fn block(&mut self, apart: bool) {
        let end = self.document.buffer.len();
        if end > self.begun || self.keeps {
            self.push_span(self.begun..end);
            self.begun = end;
            self.keeps = false;
        }
        self.wants_space = false;
        self.hard_space = false;
        self.begins_item = false;
        self.wants_blank |= apart && self.hidden == 0;
    }

    fn push_span(&mut self, range: Range<usize>) {
        let HtmlState { depth, loose, indented, signature } = self.state;
        self.document.spans.push(TextSpan { range, depth, loose, indented, signature });
    }

    fn link(&mut self, tag: &Tag) {
        let href = attribute(tag, "href").trim();
        let web = href.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"));
        if web && self.hidden == 0 {
            self.pending_blank();
            self.document.links.push((self.document.spans.len(), href.to_owned()));
            self.keeps = true;
        }
    }

    fn picture(&mut self, tag: &Tag) {
        let is_own = self.hidden == 0 && self.state.depth == 0 && !self.state.signature;
        // Signatures are set in tables.
        let is_in_table = self.counts.of("table").is_some_and(|count| *count > 0);
        if is_own && !is_in_table && !is_mark(tag) && !self.document.buffer.contains(char::is_alphanumeric) {
            self.document.opens_with_picture = true;
        }
        let alt = attribute(tag, "alt").trim();
        // The box of a checklist's item, where its `role` got lost.
        if let (true, Some(is_ticked)) = (self.begins_item, ticked_by_name(alt)) {
            let line = self.document.buffer.get(self.begun..).unwrap_or_default();
            if !line.ends_with(']') {
                self.tick_box(is_ticked);
            }
            return;
        }
        if !alt.is_empty() && alt.chars().count() <= 4 && alt.chars().all(|c| u32::from(c) > 0x2000) {
            self.write(alt);
        }
    }

    fn input(&mut self, tag: &Tag) {
        if attribute(tag, "type").eq_ignore_ascii_case("checkbox") {
            self.tick_box(has_attribute(tag, "checked"));
        }
    }

    /// A box as people type it, before the words of its line.
    fn tick_box(&mut self, is_ticked: bool) {
        if self.hidden > 0 || self.skipped {
            return;
        }
        let begins_item = self.begins_item;
        self.write(if is_ticked { "[x]" } else { "[ ]" });
        self.begins_item = begins_item;
        self.wants_space = true;
    }

    fn finish(mut self) -> Document {
        self.block(false);
        self.document
    }
}
