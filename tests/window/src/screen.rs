//! What a person does at the window: read, click, type, look.

use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use serde_json::{Value, json};

use crate::desk::{Desk, screenshots};

/// How long something may take to appear, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// The key, as drivers call it.
pub const ENTER: &str = "\u{e007}";
/// How long the driver may take over one command.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Empties a field as React notices it: its own setter on the element would hide the change from it.
const EMPTY: &str = "const field = arguments[0];
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, '');
    field.dispatchEvent(new Event('input', { bubbles: true }));";
/// From a change of the page to its picture on the screen.
const PAINTED_WITHIN: Duration = Duration::from_millis(250);
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl Desk {
    /// The first visible element that `xpath` finds, waiting for it.
    ///
    /// Looked for by a script: the driver's own test of what is displayed does not work with frozen prototypes. It is
    /// scrolled to as a person would: the driver takes what lies half under the edge of a scrolled part for visible.
    pub async fn find(&self, xpath: &str) -> Element {
        const SCRIPT: &str = "const found = document.evaluate(arguments[0], document, null, 7, null);
            for (let at = 0; at < found.snapshotLength; at += 1) {
                const element = found.snapshotItem(at);
                const style = getComputedStyle(element);
                if (element.getClientRects().length === 0 || style.visibility === 'hidden') continue;
                const box = element.getBoundingClientRect();
                const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
                const seen = there && (element.contains(there) || there.contains(element));
                if (!seen) element.scrollIntoView({ block: 'center' });
                return element;
            }
            return null;";
        let clock = Instant::now();
        loop {
            let found = self.script(SCRIPT, vec![xpath.into()]).await;
            if let Some(id) =
                found.as_object().and_then(|element| element.values().next()).and_then(Value::as_str)
            {
                return Element::from_element_id(self.client.clone(), id.to_owned().into());
            }
            if clock.elapsed() > PATIENCE {
                self.shot("failure").await;
                panic!("nothing visible matches {xpath}; the screen reads:\n{}", self.text().await);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Everything that can be read.
    pub async fn text(&self) -> String {
        self.run("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until `text` can be read somewhere.
    pub async fn reads(&self, text: &str) {
        self.until(&format!("the screen reads {text:?}"), async || self.text().await.contains(text)).await;
    }

    /// Waits until `text` can not be read any more.
    pub async fn no_longer_reads(&self, text: &str) {
        self.until(&format!("the screen no longer reads {text:?}"), async || {
            !self.text().await.contains(text)
        })
        .await;
    }

    /// Waits for something.
    pub async fn until(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        self.within(PATIENCE, what, holds).await;
    }

    /// Waits for something that may take long.
    pub async fn within(&self, patience: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let clock = Instant::now();
        while !holds().await {
            if clock.elapsed() > patience {
                self.shot("failure").await;
                panic!("not within {patience:?}: {what}; the screen reads:\n{}", self.text().await);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Clicks the button, link, tab, menu item or option of this name.
    pub async fn click(&self, name: &str) {
        let name = quoted(name);
        let roles = "(self::button or self::a or self::summary or @role='button' or @role='tab' or @role='menuitem' \
                     or @role='option' or @role='radio' or @role='link' or @role='treeitem')";
        // A tab holds its words twice, so that it does not grow when it is chosen.
        let named = format!(
            "(normalize-space()={name} or @aria-label={name} or (@role='tab' and *[normalize-space()={name}]))"
        );
        let xpath = format!("//*[{roles} and {named} and not(@disabled)]");
        self.click_at(&xpath).await;
    }

    /// Clicks the button of this name in the question that the window asks.
    pub async fn answer(&self, name: &str) {
        let name = quoted(name);
        self.click_at(&format!(
            "//*[@role='alertdialog']//button[normalize-space()={name} and not(@disabled)]"
        ))
        .await;
    }

    /// Clicks the enabled button whose words begin and end so, with a number between them: `Back up 214 objects`.
    pub async fn click_counting(&self, begin: &str, end: &str) {
        self.click_at(&counting(begin, end)).await;
    }

    /// Waits until there is such a button.
    pub async fn counts(&self, begin: &str, end: &str) {
        self.find(&counting(begin, end)).await;
    }

    /// Clicks the cell of a table that shows this text, and so its row.
    pub async fn click_row(&self, text: &str) {
        let text = quoted(text);
        self.click_at(&format!(
            "//*[@role='row']//*[@role='gridcell' and contains(normalize-space(), {text})]"
        ))
        .await;
    }

    /// Ticks the row of a table that shows this text.
    pub async fn tick_row(&self, text: &str) {
        let text = quoted(text);
        self.click_at(&format!(
            "//*[@role='row' and .//*[contains(normalize-space(), {text})]]//input[@type='checkbox']"
        ))
        .await;
    }

    /// Clicks a radio button or check box by its label.
    pub async fn click_label(&self, label: &str) {
        let label = quoted(label);
        self.click_at(&format!("//label[starts-with(normalize-space(), {label})]")).await;
    }

    /// Opens the list with this label and chooses from it.
    pub async fn choose(&self, label: &str, option: &str) {
        let (label, option) = (quoted(label), quoted(option));
        self.click_at(&format!(
            "//*[@role='combobox' and (@aria-label={label} or @id=//label[normalize-space()={label}]/@for \
             or @aria-labelledby=//label[normalize-space()={label}]/@id)]"
        ))
        .await;
        self.click_at(&format!("//*[@role='option' and contains(normalize-space(), {option})]")).await;
    }

    /// Clicks what `xpath` finds, again where the page was just drawn anew.
    pub async fn click_at(&self, xpath: &str) {
        let clock = Instant::now();
        loop {
            let element = self.find(xpath).await;
            match answer(xpath, element.click()).await {
                Ok(()) => return,
                Err(error) if clock.elapsed() < PATIENCE && is_passing(&error) => {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                Err(error) => {
                    self.shot("failure").await;
                    panic!("{xpath} cannot be clicked: {error:?}");
                }
            }
        }
    }

    /// Types into the field with this label, in place of what it holds.
    pub async fn fill(&self, label: &str, text: &str) {
        let label = quoted(label);
        let xpath = format!(
            "//*[(self::input or self::textarea) and (@aria-label={label} or @placeholder={label} or @id=//label[normalize-space()={label} or normalize-space()=concat({label}, '*')]/@for)]"
        );
        let field = self.find(&xpath).await;
        self.click_at(&xpath).await;
        self.script(EMPTY, vec![json!(field)]).await;
        answer(&xpath, field.send_keys(text)).await.unwrap_or_else(|error| panic!("{xpath}: {error:?}"));
    }

    /// Goes to a screen by its name in the navigation.
    pub async fn go(&self, screen: &str) {
        let name = quoted(screen);
        self.click_at(&format!("//nav//a[normalize-space()={name} or .//*[normalize-space()={name}]]")).await;
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.script(script, Vec::new()).await
    }

    pub(crate) async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        let answered = answer(script, self.client.execute(script, arguments)).await;
        answered.unwrap_or_else(|error| panic!("{script}: {error:?}"))
    }

    /// Keeps a picture of the window.
    pub async fn shot(&self, name: &str) {
        let Some(folder) = screenshots() else { return };
        std::fs::create_dir_all(&folder).unwrap();
        // The page says what is there before it is painted.
        tokio::time::sleep(PAINTED_WITHIN).await;
        self.picture().save(&folder.join(format!("{name}.png")));
    }
}

/// What the driver answers. A driver that does not is a failure, not a reason to wait for ever.
pub(crate) async fn answer<T>(what: &str, asked: impl Future<Output = T>) -> T {
    let answered = tokio::time::timeout(ANSWER_WITHIN, asked).await;
    answered.unwrap_or_else(|_| panic!("the driver does not answer within {ANSWER_WITHIN:?}: {what}"))
}

/// Whether the same may succeed in a moment: the page was drawn anew, or something still moves.
fn is_passing(error: &CmdError) -> bool {
    // By status: the driver's words are often empty.
    matches!(error, CmdError::Standard(refused) if matches!(
        refused.error,
        ErrorStatus::StaleElementReference
            | ErrorStatus::ElementClickIntercepted
            | ErrorStatus::ElementNotInteractable
            | ErrorStatus::NoSuchElement
    ))
}

/// A button that can be clicked, whose words begin and end so, with a number between them.
fn counting(begin: &str, end: &str) -> String {
    let (begin, end) = (quoted(begin), quoted(end));
    format!(
        "//button[starts-with(normalize-space(), {begin}) and contains(normalize-space(), {end}) \
         and not(@disabled) and translate(normalize-space(), '0123456789', '') != normalize-space()]"
    )
}

/// A text as an `XPath` literal.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}
