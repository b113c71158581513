//! The chat template as lists of bytes and special tokens that stand between turns: the file's template
//! is rendered with marks in place of texts, and cut at the marks.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, context};

use super::{SPECIAL, Source};
use crate::ImportError;

/// Roles by number; 0 is the start of a text, which nobody speaks.
const ROLES: [&str; 4] = ["", "system", "user", "assistant"];
const USER: usize = 2;
const ASSISTANT: usize = 3;
/// What follows the last turn.
const ANSWER: usize = 3;
/// Marks in place of texts: characters of private use.
const MARKS: [&str; 3] = ["\u{f8f0}", "\u{f8f1}", "\u{f8f2}"];

/// Instructions that a template may take for a conversation of three turns; those of known models take some hundreds.
const FUEL: u64 = 100_000;

/// The eighteen lists of the encoder's table.
#[derive(Debug)]
pub struct Lists {
    /// 4 x what ends + what begins; then in front of a text without a conversation, and behind it.
    pub all: Vec<Vec<u32>>,
}

impl Lists {
    pub fn read(source: &Source<'_>) -> Result<Self, ImportError> {
        let space = source.leading_space()?;
        let mut before: Vec<u32> =
            source.begin()?.map(|token| token | SPECIAL).into_iter().collect();
        if space {
            before.push(u32::from(b' '));
        }
        let mut all = vec![Vec::new(); 16];
        match source.gguf.text("tokenizer.chat_template") {
            Some(template) => {
                let template = Template::new(source, template, space)?;
                for (number, list) in all.iter_mut().enumerate() {
                    *list = template.between(number / 4, number % 4)?;
                }
            }
            None => all[1].clone_from(&before),
        }
        all.extend([before, Vec::new()]);
        Ok(Self { all })
    }

    /// What stands in front of a text without a conversation.
    pub fn before(&self) -> &[u32] {
        self.all.get(16).map(Vec::as_slice).unwrap_or_default()
    }

    /// Most bytes and special tokens around a message.
    pub fn longest_frame(&self) -> u32 {
        let length = |number: usize| self.all.get(number).map_or(0, Vec::len);
        let message = length(1) + length(4 * USER + ANSWER);
        super::word(message.max(length(16) + length(17)))
    }
}

struct Template<'a> {
    source: &'a Source<'a>,
    environment: Environment<'a>,
    /// Whether text behind a special token begins with a space.
    space: bool,
    /// Special tokens, longest first.
    specials: Vec<(&'a str, u32)>,
}

impl<'a> Template<'a> {
    fn new(source: &'a Source<'a>, text: &'a str, space: bool) -> Result<Self, ImportError> {
        let mut environment = Environment::new();
        // A template is a program: one that does not end is refused.
        environment.set_fuel(Some(FUEL));
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
        environment.set_syntax(syntax);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| {
            Err::<String, _>(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message))
        });
        environment.add_template("chat", text)?;
        let special = |(id, token): (u32, &&'a str)| {
            (source.is_special(id as usize) && !token.is_empty()).then_some((*token, id))
        };
        let mut specials: Vec<_> = (0..).zip(&source.tokens).filter_map(special).collect();
        specials.sort_by_key(|(token, _)| std::cmp::Reverse(token.len()));
        Ok(Self { source, environment, space, specials })
    }

    /// The list where a turn of role `ends` is followed by one of role `begins + 1`, or by the answer. Empty
    /// where the template refuses such a conversation; an error if it refuses the simplest one.
    fn between(&self, ends: usize, begins: usize) -> Result<Vec<u32>, ImportError> {
        let mut roles = vec![ends, begins + 1];
        roles.retain(|role| (1..=ASSISTANT).contains(role));
        if ends == ASSISTANT {
            roles.insert(0, USER);
        }
        let before = roles.len() - usize::from(begins != ANSWER);
        let text = match self.render(&roles, begins == ANSWER) {
            Err(error) if roles == [USER] => return Err(error.into()),
            other => other.unwrap_or_default(),
        };
        let mark = |number: usize| MARKS.get(number).and_then(|mark| text.find(mark));
        let from = match before.checked_sub(1) {
            None => Some(0),
            Some(number) => mark(number).map(|at| at + MARKS[number].len()),
        };
        let to = if begins == ANSWER { Some(text.len()) } else { mark(before) };
        let part = from.zip(to).and_then(|(from, to)| text.get(from..to)).unwrap_or_default();
        Ok(self.items(part, (ends == 0, begins != ANSWER)))
    }

    fn render(&self, roles: &[usize], answer: bool) -> Result<String, minijinja::Error> {
        let message =
            |(role, mark): (&usize, &&str)| context! { role => ROLES[*role], content => *mark };
        let messages: Vec<_> = roles.iter().zip(&MARKS).map(message).collect();
        let token = |key: &str| {
            let id = self.source.id(key).ok().flatten().unwrap_or(u32::MAX);
            self.source.tokens.get(id as usize).copied().unwrap_or_default()
        };
        self.environment.get_template("chat")?.render(context! {
            messages => messages,
            add_generation_prompt => answer,
            bos_token => token("bos"),
            eos_token => token("eos"),
        })
    }

    /// Bytes and special tokens of a text. `edges`: whether a text begins where it does, and whether
    /// one follows.
    fn items(&self, mut text: &str, edges: (bool, bool)) -> Vec<u32> {
        let mut items = Vec::new();
        let mut fresh = edges.0;
        while let Some(first) = text.chars().next() {
            let special = self.specials.iter().find(|(token, _)| text.starts_with(token));
            let length = if let Some((token, id)) = special {
                items.push(id | SPECIAL);
                token.len()
            } else {
                if fresh && self.space {
                    items.push(u32::from(b' '));
                }
                let length = first.len_utf8();
                items.extend(text.bytes().take(length).map(u32::from));
                length
            };
            fresh = special.is_some();
            text = text.get(length..).unwrap_or_default();
        }
        if fresh && edges.1 && self.space {
            items.push(u32::from(b' '));
        }
        items
    }
}
