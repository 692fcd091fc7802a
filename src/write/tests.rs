//! What a replacement keeps, what it refuses, and that it survives being killed.

#![cfg(unix)]

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn temporaries(&self) -> usize {
        let names = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().starts_with(TEMPORARY_PREFIX)).count()
    }
}

fn replacement(path: &Path, old: &str, new: &str) -> Replacement {
    Replacement { path: path.to_owned(), old: old.into(), new: new.into() }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Whether this process may give files away, as root may.
fn may_chown(folder: &Folder) -> bool {
    let probe = folder.file("probe", "");
    let may = chown(&probe, Some(12345), Some(23456)).is_ok();
    fs::remove_file(probe).unwrap();
    may
}

#[test]
fn replaces_every_file_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let (a, b) = (folder.file("a", "1"), folder.file("b", "2"));
    replace_all(&[replacement(&a, "1", "one"), replacement(&b, "2", "")]).unwrap();
    assert_eq!((folder.text("a"), folder.text("b")), ("one".into(), String::new()));
    assert_eq!(folder.temporaries(), 0);
}

#[test]
fn equal_bytes_touch_nothing() {
    let folder = Folder::new();
    let a = folder.file("a", "1");
    let before = fs::metadata(&a).unwrap().ino();
    replace_all(&[replacement(&a, "1", "1"), replacement(&folder.path("none"), "x", "x")]).unwrap();
    assert_eq!(fs::metadata(&a).unwrap().ino(), before);
}

#[test]
fn modes_are_kept() {
    let folder = Folder::new();
    for kept in [0o640, 0o755, 0o600, 0o666, 0o2755] {
        let a = folder.file("a", "1");
        set_mode(&a, kept);
        replace_all(&[replacement(&a, "1", "2")]).unwrap();
        assert_eq!(mode(&a), kept, "{kept:o}");
    }
}

#[test]
fn the_owner_is_kept() {
    let folder = Folder::new();
    if !may_chown(&folder) {
        return;
    }
    let a = folder.file("a", "1");
    chown(&a, Some(12345), Some(23456)).unwrap();
    set_mode(&a, 0o4750);
    replace_all(&[replacement(&a, "1", "2")]).unwrap();
    let now = fs::metadata(&a).unwrap();
    assert_eq!((now.uid(), now.gid(), mode(&a)), (12345, 23456, 0o4750));
}

#[test]
fn a_symbolic_link_stays_and_its_target_is_replaced() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("shared/config")).unwrap();
    fs::create_dir_all(folder.path("current")).unwrap();
    folder.file("shared/config/puma.rb", "old");
    symlink("../shared/config/puma.rb", folder.path("current/first.rb")).unwrap();
    symlink("first.rb", folder.path("current/puma.rb")).unwrap();
    replace_all(&[replacement(&folder.path("current/puma.rb"), "old", "new")]).unwrap();
    assert!(fs::symlink_metadata(folder.path("current/puma.rb")).unwrap().is_symlink());
    assert!(fs::symlink_metadata(folder.path("current/first.rb")).unwrap().is_symlink());
    assert_eq!(folder.text("shared/config/puma.rb"), "new");
}

/// The second file is refused: the first must not change either, and nothing may be left behind.
#[track_caller]
fn refused(folder: &Folder, path: &Path) -> WriteError {
    let good = folder.file("good", "1");
    let error = replace_all(&[replacement(&good, "1", "2"), replacement(path, "old", "new")]).unwrap_err();
    assert_eq!(folder.text("good"), "1");
    assert_eq!(error.path, path);
    assert_eq!(error.replaced, Vec::<PathBuf>::new());
    assert_eq!(error.unchanged, [good, path.to_owned()]);
    assert!(error.to_string().ends_with("; no file was changed"), "{error}");
    assert_eq!(folder.temporaries(), 0);
    error
}

#[test]
fn hard_links_are_refused() {
    let folder = Folder::new();
    let a = folder.file("a", "old");
    fs::hard_link(&a, folder.path("b")).unwrap();
    let error = refused(&folder, &a);
    assert!(matches!(error.reason, WriteProblem::HardLinks(2)), "{error}");
    assert_eq!((folder.text("a"), folder.text("b")), ("old".into(), "old".into()));
}

#[test]
fn a_read_only_file_is_refused_even_for_root() {
    let folder = Folder::new();
    let a = folder.file("a", "old");
    set_mode(&a, 0o444);
    let error = refused(&folder, &a);
    assert!(matches!(error.reason, WriteProblem::ReadOnly), "{error}");
    assert_eq!(mode(&a), 0o444);
}

#[test]
fn a_read_only_folder_is_refused_even_for_root() {
    let folder = Folder::new();
    fs::create_dir(folder.path("d")).unwrap();
    let a = folder.file("d/a", "old");
    set_mode(&folder.path("d"), 0o555);
    let error = refused(&folder, &a);
    set_mode(&folder.path("d"), 0o755);
    assert!(matches!(error.reason, WriteProblem::ReadOnlyDirectory), "{error}");
    assert_eq!(fs::read_dir(folder.path("d")).unwrap().count(), 1);
}

#[test]
fn a_file_that_changed_meanwhile_is_refused() {
    let folder = Folder::new();
    for text in ["older", "ol", "", "OLD"] {
        let a = folder.file("a", text);
        let error = refused(&folder, &a);
        assert!(matches!(error.reason, WriteProblem::Changed), "{error}");
        assert_eq!(folder.text("a"), text);
    }
}

#[test]
fn what_is_missing_or_no_file_is_refused() {
    let folder = Folder::new();
    assert!(matches!(refused(&folder, &folder.path("none")).reason, WriteProblem::Io(..)));
    fs::create_dir(folder.path("d")).unwrap();
    assert!(matches!(refused(&folder, &folder.path("d")).reason, WriteProblem::NotAFile));
    let fifo = folder.path("fifo");
    if Command::new("mkfifo").arg(&fifo).status().is_ok_and(|status| status.success()) {
        assert!(matches!(refused(&folder, &fifo).reason, WriteProblem::NotAFile));
    }
}

#[test]
fn one_file_under_two_names_is_refused() {
    let folder = Folder::new();
    let a = folder.file("a", "old");
    symlink("a", folder.path("link")).unwrap();
    let link = folder.path("link");
    let error = replace_all(&[replacement(&a, "old", "1"), replacement(&link, "old", "2")]).unwrap_err();
    assert!(matches!(error.reason, WriteProblem::Twice), "{error}");
    assert_eq!(folder.text("a"), "old");
    assert_eq!(folder.temporaries(), 0);
}

#[test]
fn a_link_that_was_turned_elsewhere_is_noticed_before_the_rename() {
    let folder = Folder::new();
    folder.file("a", "old");
    folder.file("b", "old");
    let link = folder.path("link");
    symlink("a", &link).unwrap();
    let wanted = replacement(&link, "old", "new");
    let prepared = prepare(&wanted).unwrap();
    prepared.check().unwrap();
    fs::remove_file(&link).unwrap();
    symlink("b", &link).unwrap();
    assert!(matches!(prepared.check(), Err(WriteProblem::Changed)));
}

#[test]
fn a_failure_midway_says_which_files_are_new() {
    let error = WriteError {
        path: "c".into(),
        reason: WriteProblem::Changed,
        replaced: vec!["a".into(), "b".into()],
        unchanged: vec!["c".into(), "d".into()],
    };
    assert_eq!(
        error.to_string(),
        "c: it was changed since it was read; run again; already changed: a, b; not changed: c, d"
    );
}

fn creation(path: &Path, text: &str) -> Creation {
    Creation { path: path.to_owned(), text: text.into() }
}

#[test]
fn new_files_appear_with_their_folders_and_beside_replacements() {
    let folder = Folder::new();
    let old = folder.file("old", "1");
    let new = folder.path("deploy/systemd/shop.service");
    write_all(&[creation(&new, "x"), creation(&folder.path("other"), "y")], &[replacement(&old, "1", "2")])
        .unwrap();
    assert_eq!((folder.text("old"), folder.text("other")), ("2".into(), "y".into()));
    assert_eq!(folder.text("deploy/systemd/shop.service"), "x");
    // The mode of any new file here.
    assert_eq!(mode(&new), mode(&folder.file("plain", "")));
    assert_eq!(folder.temporaries(), 0);
    assert_eq!(fs::read_dir(folder.path("deploy/systemd")).unwrap().count(), 1);
}

#[test]
fn a_new_file_never_takes_the_place_of_another() {
    let folder = Folder::new();
    let a = folder.file("a", "1");
    symlink("nowhere", folder.path("link")).unwrap();
    fs::create_dir(folder.path("d")).unwrap();
    for path in [&a, &folder.path("link"), &folder.path("d")] {
        let fresh = folder.path("made/for/it");
        let error = write_all(&[creation(&fresh, "x"), creation(path, "2")], &[]).unwrap_err();
        assert!(matches!(error.reason, WriteProblem::Exists), "{error}");
        assert!(error.to_string().ends_with("; no file was changed"), "{error}");
        assert!(!folder.path("made").exists(), "folders that were made for nothing go again");
    }
    assert_eq!(folder.text("a"), "1");
    assert!(!folder.path("nowhere").exists());
    // Made by somebody else after it was prepared.
    let late = creation(&folder.path("late"), "mine");
    let ready = prepare_new(&late).unwrap();
    folder.file("late", "theirs");
    let error = ready.temporary.persist_noclobber(&late.path).unwrap_err();
    assert!(matches!(existing(error.error), WriteProblem::Exists));
    assert_eq!(folder.text("late"), "theirs");
}

#[test]
fn new_files_are_refused_with_clear_words() {
    let folder = Folder::new();
    folder.file("a", "1");
    let below = write_all(&[creation(&folder.path("a/b/c"), "x")], &[]).unwrap_err();
    assert!(below.to_string().contains("a is not a folder; no file was changed"), "{below}");
    fs::create_dir(folder.path("d")).unwrap();
    set_mode(&folder.path("d"), 0o555);
    let error = write_all(&[creation(&folder.path("d/a"), "x")], &[]).unwrap_err();
    set_mode(&folder.path("d"), 0o755);
    assert!(matches!(error.reason, WriteProblem::ReadOnlyDirectory), "{error}");
    let twice = creation(&folder.path("t"), "x");
    let error = write_all(&[twice.clone(), twice], &[]).unwrap_err();
    assert!(matches!(error.reason, WriteProblem::Twice) && !folder.path("t").exists(), "{error}");
    // What cannot be replaced keeps a new file from appearing.
    let error = write_all(&[creation(&folder.path("n/n"), "x")], &[replacement(&folder.path("a"), "2", "3")]);
    assert!(matches!(error.unwrap_err().reason, WriteProblem::Changed));
    assert!(!folder.path("n").exists());
}

#[test]
fn what_a_killed_run_left_is_swept_away_when_it_is_nobodys() {
    let folder = Folder::new();
    let a = folder.file("a", "1");
    let name = |middle: &str| format!("{TEMPORARY_PREFIX}{middle}{TEMPORARY_SUFFIX}");
    for (file, hours) in
        [(name("old"), 2), (name("new"), 0), (".puma-lint-mine".to_owned(), 2), ("x.tmp".to_owned(), 2)]
    {
        let path = folder.file(&file, "");
        let then = std::time::SystemTime::now() - Duration::from_secs(hours * 3600);
        File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    }
    replace_all(&[replacement(&a, "1", "2")]).unwrap();
    let mut left: Vec<_> = fs::read_dir(folder.0.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, [".puma-lint-mine".to_owned(), name("new"), "a".into(), "x.tmp".into()]);
}

/// Where the child of the next test finds its file.
const KILL_TARGET: &str = "PUMA_LINT_TEST_KILL_TARGET";

/// Long enough that writing it in place would show.
fn long(letter: &str) -> String {
    letter.repeat(2_000_000)
}

#[test]
fn a_report_is_a_whole_file_of_the_usual_mode() {
    let folder = Folder::new();
    let path = folder.path("report");
    write_report(&path, b"one").unwrap();
    fs::write(folder.path("beside"), "").unwrap();
    let mode = |name: &str| fs::metadata(folder.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("report"), mode("beside"));

    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    std::os::unix::fs::symlink("report", folder.path("link")).unwrap();
    write_report(&folder.path("link"), b"two").unwrap();
    assert_eq!((folder.text("report"), mode("report") & 0o777), ("two".to_owned(), 0o666));
    assert!(fs::symlink_metadata(folder.path("link")).unwrap().is_symlink());

    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(write_report(&path, b"three").unwrap_err().kind(), std::io::ErrorKind::PermissionDenied);
    assert!(write_report(&folder.path(""), b"").is_err());
    assert_eq!(folder.text("report"), "two");
}

#[test]
fn a_report_goes_through_a_device_and_leaves_it_there() {
    write_report(Path::new("/dev/null"), b"x").unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

/// Does nothing unless the next test started it; then it replaces the file again and again.
#[test]
fn child_that_gets_killed() {
    let Some(path) = std::env::var_os(KILL_TARGET).map(PathBuf::from) else { return };
    let (mut old, mut new) = (long("a"), long("b"));
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        replace_all(&[replacement(&path, &old, &new)]).unwrap();
        std::mem::swap(&mut old, &mut new);
    }
}

#[test]
fn a_killed_process_leaves_the_old_file_or_the_new_one() {
    let folder = Folder::new();
    let (a, b) = (long("a"), long("b"));
    let path = folder.path("target");
    let mut replaced = 0;
    for round in 0..50u64 {
        folder.file("target", &a);
        let before = fs::metadata(&path).unwrap().ino();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "write::tests::child_that_gets_killed"])
            .env(KILL_TARGET, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Every other child is surely at work; the machine may be slow to start it.
        let started = Instant::now();
        let at_work = || fs::metadata(&path).is_ok_and(|now| now.ino() != before);
        while round % 2 == 1 && !at_work() && started.elapsed() < Duration::from_secs(10) {
            sleep(Duration::from_millis(1));
        }
        // Spread over some 40 ms, finer than a replacement takes.
        sleep(Duration::from_micros((round * 7_919) % 40_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let text = folder.text("target");
        assert!(text == a || text == b, "round {round}: {} bytes", text.len());
        replaced += usize::from(fs::metadata(&path).unwrap().ino() != before);
    }
    assert!(replaced > 0, "every child was killed before it did anything");
}
