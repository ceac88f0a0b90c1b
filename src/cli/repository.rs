//! Where a file lies in its repository, and what is checked out there: read from `.git`, without git.

use std::path::{Component, Path, PathBuf};

/// The folder above a file that holds `.git`.
fn root(file: &Path) -> Option<PathBuf> {
    let file = file.canonicalize().ok()?;
    file.ancestors().skip(1).find(|folder| folder.join(".git").exists()).map(PathBuf::from)
}

/// A file's path from the root of its repository; outside of one from the working folder, if that leads there
/// downwards. `None` where neither does.
pub fn place(file: &Path) -> Option<String> {
    let whole = file.canonicalize().ok()?;
    let top = root(file).or_else(|| std::env::current_dir().ok()?.canonicalize().ok())?;
    let inside = whole.strip_prefix(top).ok()?;
    let parts: Vec<String> = inside.components().filter_map(named).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn named(part: Component) -> Option<String> {
    match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    }
}

/// The commit that is checked out where a file lies.
pub fn commit(file: &Path) -> Option<String> {
    let folder = git_folder(&root(file)?)?;
    let head = read(&folder.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else { return hash(&head) };
    let shared = read(&folder.join("commondir")).map_or_else(|| folder.clone(), |path| folder.join(path));
    let loose = [&folder, &shared].into_iter().find_map(|folder| hash(&read(&folder.join(name))?));
    loose.or_else(|| packed(&read(&shared.join("packed-refs"))?, name))
}

/// `.git` itself, or what it points to in a worktree or submodule.
fn git_folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    Some(root.join(read(&git)?.strip_prefix("gitdir: ")?))
}

fn packed(refs: &str, name: &str) -> Option<String> {
    let mut lines = refs.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(_, other)| *other == name).and_then(|(hex, _)| hash(hex))
}

fn hash(text: &str) -> Option<String> {
    (matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_owned())
}

fn read(path: &Path) -> Option<String> {
    Some(std::fs::read_to_string(path).ok()?.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "4639e2b4639e2b4639e2b4639e2b4639e2b46390";

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn a_commit_is_found_loose_packed_detached_and_in_a_worktree() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "ci/policy.toml", "");
        let commit = || commit(&root.join("ci/policy.toml"));
        assert_eq!((commit(), place(&root.join("ci/none.toml"))), (None, None));
        write(root, ".git/HEAD", "ref: refs/heads/main\n");
        assert_eq!(commit(), None);
        write(root, ".git/packed-refs", &format!("# pack-refs\n{HASH} refs/heads/main\n"));
        assert_eq!(commit().as_deref(), Some(HASH));
        let loose = HASH.replace('4', "5");
        write(root, ".git/refs/heads/main", &format!("{loose}\n"));
        assert_eq!(commit(), Some(loose));
        write(root, ".git/HEAD", &format!("{HASH}\n"));
        assert_eq!(commit().as_deref(), Some(HASH));
        write(root, ".git/HEAD", "ref: refs/heads/main\n");
        write(root, "tree/p.toml", "");
        write(root, "tree/.git", "gitdir: ../.git/worktrees/tree\n");
        write(root, ".git/worktrees/tree/HEAD", "ref: refs/heads/other\n");
        write(root, ".git/worktrees/tree/commondir", "../..\n");
        write(root, ".git/refs/heads/other", HASH);
        assert_eq!(super::commit(&root.join("tree/p.toml")).as_deref(), Some(HASH));
    }

    #[test]
    fn a_place_is_told_from_the_root_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "deep/er/policy.toml", "");
        write(folder.path(), ".git/HEAD", HASH);
        assert_eq!(place(&folder.path().join("deep/../deep/er/policy.toml")).as_deref(), Some("deep/er/policy.toml"));
    }
}
