//! Writes the API description under `docs/api`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let root = describe::repository();
    for (path, text) in describe::documents(&root)?.files() {
        let place = root.join(path);
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&place, text)?;
        println!("wrote {path}");
    }
    Ok(())
}
