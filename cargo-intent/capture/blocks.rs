//! A Markdown text as a flat list of blocks, each with the place it stands at.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Heading(u8),
    Paragraph,
    Item {
        /// A box to tick, and whether it is.
        ticked: Option<bool>,
        /// Its number in a numbered list.
        number: Option<u64>,
    },
    Code {
        /// The first word after the fence.
        language: String,
    },
}

#[derive(Clone, Debug)]
pub struct Block {
    pub kind: Kind,
    /// With its markup.
    pub range: Range<usize>,
    /// From its first word to its last.
    pub inner: Range<usize>,
}

/// Headings, paragraphs, items and code blocks. Front matter, HTML, tables, quotes and reference
/// definitions are no blocks: nothing is taken from them.
pub fn blocks(text: &str) -> Vec<Block> {
    let options =
        Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader::default();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.read(event, range);
    }
    reader.close();
    reader.found.retain(|block| !block.inner.is_empty());
    reader.found
}

#[derive(Default)]
struct Reader {
    found: Vec<Block>,
    open: Option<Block>,
    /// Quotes, tables and front matter around this place.
    outside: usize,
    lists: Vec<Option<u64>>,
}

impl Reader {
    fn read(&mut self, event: Event, range: Range<usize>) {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::Table(_) | Tag::MetadataBlock(_) | Tag::HtmlBlock) => {
                self.close();
                self.outside += 1;
            }
            Event::End(
                TagEnd::BlockQuote(_) | TagEnd::Table | TagEnd::MetadataBlock(_) | TagEnd::HtmlBlock,
            ) => self.outside -= 1,
            Event::Start(Tag::List(first)) => {
                self.close();
                self.lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                self.close();
                self.lists.pop();
            }
            _ if self.outside > 0 => {}
            Event::Start(Tag::Heading { level, .. }) => self.begin(Kind::Heading(depth(level)), range),
            Event::Start(Tag::CodeBlock(kind)) => self.code(kind, range),
            Event::Start(Tag::Item) => self.item(range),
            Event::Start(Tag::Paragraph) => self.begin_paragraph(range),
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Paragraph | TagEnd::Item) => {
                self.close();
            }
            Event::TaskListMarker(done) => {
                if let Some(Block { kind: Kind::Item { ticked, .. }, .. }) = &mut self.open {
                    *ticked = Some(done);
                }
            }
            _ => self.inline(range),
        }
    }

    fn begin(&mut self, kind: Kind, range: Range<usize>) {
        self.close();
        self.open = Some(Block { kind, inner: range.start..range.start, range });
    }

    /// The paragraph of a loose item is the item's own.
    fn begin_paragraph(&mut self, range: Range<usize>) {
        let in_item = self.open.as_ref().is_some_and(|block| matches!(block.kind, Kind::Item { .. }));
        if !in_item {
            self.begin(Kind::Paragraph, range);
        }
    }

    fn item(&mut self, range: Range<usize>) {
        let number = self.lists.last_mut().and_then(|next| {
            let number = *next;
            *next = next.map(|number| number + 1);
            number
        });
        self.begin(Kind::Item { ticked: None, number }, range);
    }

    fn code(&mut self, kind: CodeBlockKind, range: Range<usize>) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or_default().to_owned(),
            CodeBlockKind::Indented => String::new(),
        };
        self.begin(Kind::Code { language }, range);
    }

    fn inline(&mut self, range: Range<usize>) {
        // Text of an item after a list inside it.
        if self.open.is_none() {
            self.open =
                Some(Block { kind: Kind::Paragraph, inner: range.start..range.start, range: range.clone() });
        }
        let Some(block) = &mut self.open else { return };
        let start = if block.inner.is_empty() { range.start } else { block.inner.start.min(range.start) };
        block.inner = start..block.inner.end.max(range.end);
        block.range.end = block.range.end.max(range.end);
    }

    fn close(&mut self) {
        self.found.extend(self.open.take());
    }
}

fn depth(level: HeadingLevel) -> u8 {
    level as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(Kind, &str)> {
        blocks(text).into_iter().map(|block| (block.kind, &text[block.inner])).collect()
    }

    fn item(ticked: Option<bool>, number: Option<u64>) -> Kind {
        Kind::Item { ticked, number }
    }

    #[test]
    fn each_block_has_its_words() {
        let text = "# A **b** #\n\none\ntwo\n\n- [x] done `c`\n- open\n  1. inner\n\n```sh\n$ a\n```\n";
        let wanted = [
            (Kind::Heading(1), "A **b**"),
            (Kind::Paragraph, "one\ntwo"),
            (item(Some(true), None), "done `c`"),
            (item(None, None), "open"),
            (item(None, Some(1)), "inner"),
            (Kind::Code { language: "sh".into() }, "$ a\n"),
        ];
        assert_eq!(shown(text), wanted);
    }

    #[test]
    fn nothing_is_taken_from_quotes_tables_html_and_front_matter() {
        let text =
            "---\na: b\n---\n\n> quoted\n\n| a |\n|---|\n| b |\n\n<p>must</p>\n\n- loose\n\n  more\n\nend\n";
        let wanted = [(item(None, None), "loose"), (Kind::Paragraph, "more"), (Kind::Paragraph, "end")];
        assert_eq!(shown(text), wanted);
    }
}
