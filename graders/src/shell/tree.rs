//! The structure of a line: its lists, pipelines and compound commands (POSIX 2.9), with the places of its simple commands.
//!
//! Built from what the parser meets while it lists the simple commands. Nesting is bounded by the parser.

/// What the parser meets, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// The simple command of this index.
    Simple(usize),
    Open(Kind),
    Close,
    /// `then`, `else`, `elif`, `do`
    Then,
    Else,
    Elif,
    Do,
    And,
    Or,
    /// fish's `and` and `or`, which follow a semicolon.
    FishAnd,
    FishOr,
    Pipe,
    /// `;` or a newline
    Semicolon,
    /// `&`
    Background,
    /// `!`, and fish's `not`
    Not,
    /// The next command is the body of a function with this name.
    Define(String),
    /// The words of this `for` are known, and there are some: its body runs.
    Turns,
}

/// A compound command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Subshell,
    Braces,
    If,
    While,
    Until,
    For,
    Case,
}

/// A pipeline, after `&&` (true) or `||` (false).
pub(super) type Following = (bool, Pipeline);

/// An AND-OR list.
#[derive(Debug, Default)]
pub(super) struct AndOr {
    pub(super) first: Pipeline,
    pub(super) rest: Vec<Following>,
    pub(super) in_background: bool,
}

#[derive(Debug, Default)]
pub(super) struct Pipeline {
    pub(super) negated: bool,
    pub(super) stages: Vec<Node>,
}

pub(super) type List = Vec<AndOr>;

#[derive(Debug)]
pub(super) enum Node {
    Simple(usize),
    Subshell(List),
    Braces(List),
    If(Vec<Arm>),
    Loop { until: bool, condition: List, body: List },
    For { turns: bool, header: List, body: List },
    Case(List),
    Function(String, List),
}

/// A branch of an `if`; the one of `else` has no condition.
#[derive(Debug)]
pub(super) struct Arm {
    pub(super) condition: Option<List>,
    pub(super) body: List,
}

/// The structure of these items.
pub(super) fn tree(items: &[Item]) -> List {
    let mut builder = Builder { rest: items };
    let mut list = builder.list();
    // What closes nothing is passed over.
    while builder.bump().is_some() {
        list.append(&mut builder.list());
    }
    list
}

struct Builder<'a> {
    rest: &'a [Item],
}

impl Builder<'_> {
    fn peek(&self) -> Option<&Item> {
        self.rest.first()
    }

    fn bump(&mut self) -> Option<&Item> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn eat(&mut self, item: &Item) -> bool {
        let is_it = self.peek() == Some(item);
        if is_it {
            self.bump();
        }
        is_it
    }

    fn skip_semicolons(&mut self) {
        while self.eat(&Item::Semicolon) {}
    }

    /// Everything up to what ends a list.
    fn list(&mut self) -> List {
        let mut list: List = Vec::new();
        loop {
            self.skip_semicolons();
            match self.peek() {
                None | Some(Item::Close | Item::Then | Item::Else | Item::Elif | Item::Do) => return list,
                Some(Item::FishAnd | Item::FishOr) => {
                    let is_and = self.bump() == Some(&Item::FishAnd);
                    let pipeline = self.pipeline();
                    match list.last_mut().filter(|last| !last.in_background) {
                        Some(last) => last.rest.push((is_and, pipeline)),
                        None => list.push(AndOr { first: pipeline, ..AndOr::default() }),
                    }
                }
                Some(_) => {
                    let and_or = self.and_or();
                    list.push(and_or);
                }
            }
        }
    }

    fn and_or(&mut self) -> AndOr {
        let mut and_or = AndOr { first: self.pipeline(), ..AndOr::default() };
        while let Some(Item::And | Item::Or) = self.peek() {
            let is_and = self.bump() == Some(&Item::And);
            self.skip_semicolons();
            let pipeline = self.pipeline();
            and_or.rest.push((is_and, pipeline));
        }
        and_or.in_background = self.eat(&Item::Background);
        and_or
    }

    fn pipeline(&mut self) -> Pipeline {
        let mut pipeline = Pipeline::default();
        while self.eat(&Item::Not) {
            pipeline.negated = !pipeline.negated;
        }
        pipeline.stages.extend(self.node());
        while self.eat(&Item::Pipe) {
            self.skip_semicolons();
            pipeline.stages.extend(self.node());
        }
        pipeline
    }

    /// A command; `None` where an operator has none.
    fn node(&mut self) -> Option<Node> {
        match self.peek()? {
            Item::Simple(index) => {
                let node = Node::Simple(*index);
                self.bump();
                Some(node)
            }
            Item::Open(kind) => {
                let kind = *kind;
                self.bump();
                let node = self.compound(kind);
                self.eat(&Item::Close);
                Some(node)
            }
            Item::Define(name) => {
                let name = name.clone();
                loop {
                    // The parentheses of `name ()` hold nothing.
                    if let [Item::Open(Kind::Subshell), Item::Close, rest @ ..] = self.rest {
                        self.rest = rest;
                    }
                    self.skip_semicolons();
                    // A definition within the head of a definition is no shell's, and is passed over.
                    match self.peek() {
                        Some(Item::Define(_)) => _ = self.bump(),
                        _ => break,
                    }
                }
                let first = Pipeline { stages: self.node().into_iter().collect(), ..Pipeline::default() };
                Some(Node::Function(name, vec![AndOr { first, ..AndOr::default() }]))
            }
            // An operator where a command should be.
            Item::And | Item::Or | Item::Pipe | Item::Background | Item::Not | Item::Turns => {
                self.bump();
                None
            }
            _ => None,
        }
    }

    fn compound(&mut self, kind: Kind) -> Node {
        match kind {
            Kind::Subshell => Node::Subshell(self.all()),
            Kind::Braces => Node::Braces(self.all()),
            Kind::Case => Node::Case(self.all()),
            Kind::If => Node::If(self.arms()),
            Kind::While | Kind::Until => {
                let (condition, body) = self.two_lists();
                Node::Loop { until: kind == Kind::Until, condition, body }
            }
            Kind::For => {
                let turns = self.eat(&Item::Turns);
                let (header, body) = self.two_lists();
                Node::For { turns, header, body }
            }
        }
    }

    /// Everything up to the end of the compound command; words that have no place in it are passed over.
    fn all(&mut self) -> List {
        let mut list = self.list();
        while self.peek().is_some_and(|next| *next != Item::Close) {
            self.bump();
            list.append(&mut self.list());
        }
        list
    }

    /// A list, and the one after `do`; in fish, where there is no such word, the second begins after the first command.
    fn two_lists(&mut self) -> (List, List) {
        let mut first = self.list();
        if matches!(self.peek(), Some(Item::Do | Item::Then)) {
            self.bump();
            return (first, self.all());
        }
        let mut body = first.split_off(first.len().min(1));
        body.append(&mut self.all());
        (first, body)
    }

    fn arms(&mut self) -> Vec<Arm> {
        let mut arms = Vec::new();
        loop {
            let mut condition = self.list();
            let body = if self.eat(&Item::Then) { self.list() } else { condition.split_off(condition.len().min(1)) };
            arms.push(Arm { condition: Some(condition), body });
            if self.eat(&Item::Elif) {
                continue;
            }
            if self.eat(&Item::Else) {
                arms.push(Arm { condition: None, body: self.all() });
            } else {
                // Whatever is left has no place here, and may have run.
                let rest = self.all();
                if !rest.is_empty() {
                    arms.push(Arm { condition: None, body: rest });
                }
            }
            return arms;
        }
    }
}
