//! What a designer would point at, as far as a program can see it.

use serde_json::Value;

use crate::desk::Desk;

impl Desk {
    /// Ends the test when the page is wider than the window, or when text is cut that nothing tells in full.
    pub async fn is_whole(&self, screen: &str) {
        const SCRIPT: &str = "const found = [];
            const root = document.documentElement;
            if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide`);
            for (const element of document.body.querySelectorAll('*')) {
                const style = getComputedStyle(element);
                const cut = element.scrollWidth > element.clientWidth + 1 && style.overflowX !== 'visible';
                if (!cut || style.overflowX === 'auto' || style.overflowX === 'scroll') continue;
                if (element.clientWidth < 4 || !element.textContent.trim()) continue;
                // A picture of text in parts has its whole beside it; an editor scrolls.
                if (element.closest('[title], [aria-label], .cm-editor, input')) continue;
                found.push(`cut: ${element.textContent.trim().slice(0, 80)}`);
            }
            return [...new Set(found)].slice(0, 10);";
        let found = self.run(SCRIPT).await;
        let found: Vec<&str> = found.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        if !found.is_empty() {
            self.shot("failure").await;
            panic!("{screen}: {found:#?}");
        }
    }
}
