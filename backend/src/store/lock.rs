//! Named locks that hold until the transaction ends: rows, because advisory locks do not exist on both engines.

use super::{Result, Tx, run};

impl Tx {
    /// Takes the named locks. Others who want one of them wait until this transaction is over, so that counting and
    /// inserting can't race. Sorted first: two takers never wait for each other.
    pub async fn lock(&mut self, names: &mut [String]) -> Result<()> {
        names.sort_unstable();
        let now = self.now();
        for name in names.iter() {
            run!(
                self,
                "INSERT INTO locks (name, taken, last_at) VALUES ($1, 1, $2)
                 ON CONFLICT (name) DO UPDATE SET taken = locks.taken + 1, last_at = excluded.last_at",
                name.as_str(),
                now
            )?;
        }
        Ok(())
    }
}
