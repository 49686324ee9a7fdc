//! How a long table feels, in numbers.

use std::fmt;

use serde_json::json;

use crate::desk::Desk;
use crate::screen::answer;

/// Steps that are measured.
const STEPS: usize = 100;

/// Time from a step to the rows that belong there, painted, in milliseconds.
pub struct Scrolled {
    /// Of each step, ascending.
    steps: Vec<f64>,
}

impl fmt::Display for Scrolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |share: usize| self.steps[(self.steps.len() - 1) * share / 100];
        write!(f, "median {:.0} ms, 95 % within {:.0} ms, longest {:.0} ms", at(50), at(95), at(100))
    }
}

impl Desk {
    /// Scrolls a table from its first row to its last, in steps far apart, and waits at each for its rows.
    pub async fn scroll(&self, table: &str) -> Scrolled {
        const SCRIPT: &str = "const [label, share, done] = arguments;
            const began = performance.now();
            const grid = document.querySelector(`[role=\"grid\"][aria-label=\"${label}\"]`);
            const scroller = grid?.parentElement;
            if (scroller) scroller.scrollTop = (scroller.scrollHeight - scroller.clientHeight) * share;
            // A row that is still read has no words in it.
            const filled = () => {
                const box = scroller.getBoundingClientRect();
                const rows = [...grid.querySelectorAll('[role=\"rowgroup\"] [role=\"row\"]')].filter((row) => {
                    const at = row.getBoundingClientRect();
                    return at.bottom > box.top + 40 && at.top < box.bottom;
                });
                return rows.length > 5 && rows.every((row) => row.getAttribute('aria-busy') !== 'true');
            };
            const look = () => requestAnimationFrame(() => {
                const took = performance.now() - began;
                if (scroller && filled()) requestAnimationFrame(() => done(performance.now() - began));
                else if (took > 5000) done(null);
                else look();
            });
            look();";
        let mut steps = Vec::new();
        for step in 0..=STEPS {
            let share = step as f64 / STEPS as f64;
            let took = self.client.execute_async(SCRIPT, vec![json!(table), json!(share)]);
            let took = answer("scrolling", took).await.unwrap();
            let Some(took) = took.as_f64() else {
                self.shot("failure").await;
                panic!("{table}: no rows at {share} of its height");
            };
            steps.push(took);
        }
        steps.sort_by(f64::total_cmp);
        Scrolled { steps }
    }
}
