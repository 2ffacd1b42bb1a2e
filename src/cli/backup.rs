//! `postward backup` and `restore`. A backup is a database in age's format: <https://age-encryption.org/v1>.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use age::secrecy::{ExposeSecret, SecretString};
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use clap::Args;

use super::CliError;
use crate::config::{self, Flags};
use crate::store::{self, OpenError};

pub(super) const HELP: &str = "\
A backup holds the lists with their notes, the members and the passwords for the page; not the configuration. It is a \
private file, even encrypted: keep it, and its passphrase, where whoever you block doesn't get at them.";

/// The logarithm of scrypt's cost: 64 MiB, which a small board can spare and a guesser has to spend on each guess.
const WORK: u8 = 16;

/// What a file may ask of us: files made by the `age` command ask for 18.
const MOST_WORK: u8 = 18;

/// Anything shorter is guessed.
const PASSPHRASE_CHARACTERS: usize = 10;

#[derive(Args)]
pub(super) struct BackupArgs {
    /// The file to write; it must not be there yet
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

#[derive(Args)]
pub(super) struct RestoreArgs {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

#[derive(Args)]
struct PassphraseArgs {
    /// The file whose first line is the passphrase, instead of asking for it
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn backup(flags: &Flags, args: &BackupArgs) -> Result<ExitCode, CliError> {
    let data = config::Lists::read(flags)?.data;
    let failed = |error: io::Error| {
        CliError::Failed(format!(
            "can't write {}: {error}. Choose a name that isn't there yet, in a folder with room",
            args.file.display()
        ))
    };
    // Before anything is asked: nobody likes to think of a passphrase for nothing.
    let file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&args.file).map_err(failed)?;
    let written = args.passphrase.chosen().and_then(|passphrase| {
        let copy = store::copy(&data).map_err(|error| CliError::Failed(error.to_string()))?;
        encrypt(copy, &file, passphrase).map_err(failed)
    });
    if let Err(error) = written {
        let _ = fs::remove_file(&args.file);
        return Err(error);
    }
    let mut output = io::stdout().lock();
    writeln!(output, "Written, encrypted, to {}.", args.file.display())?;
    writeln!(
        output,
        "It is a private file, and worth nothing without its passphrase: keep both, apart from each other. \
         `postward restore` puts it back."
    )?;
    Ok(ExitCode::SUCCESS)
}

fn encrypt(mut copy: File, file: &File, passphrase: SecretString) -> io::Result<()> {
    let mut recipient = scrypt::Recipient::new(passphrase);
    recipient.set_work_factor(WORK);
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as _)).map_err(io::Error::other)?;
    let mut output = encryptor.wrap_output(file)?;
    io::copy(&mut copy, &mut output)?;
    output.finish()?.sync_all()
}

pub(super) fn restore(flags: &Flags, args: &RestoreArgs) -> Result<ExitCode, CliError> {
    let config::Lists { data, delimiters, .. } = config::Lists::read(flags)?;
    let file = File::open(&args.file)
        .map_err(|error| CliError::Failed(format!("can't read {}: {error}", args.file.display())))?;
    let failed = |error: &dyn std::fmt::Display| CliError::Failed(error.to_string());
    store::prepare_folder(&data).map_err(|error| failed(&error))?;
    let lock = store::lock(&data).map_err(|error| match error {
        OpenError::InUse(_) => CliError::Failed(
            "Postward is running: stop it first (`systemctl stop postward`), restore, and start it again; mail \
             waits or goes through meanwhile, as docs/postfix.md says"
                .to_owned(),
        ),
        other => failed(&other),
    })?;
    let bad = |error: DecryptError| CliError::Failed(not_decrypted(&args.file, &error));
    let decryptor = Decryptor::new_buffered(BufReader::new(file)).map_err(bad)?;
    if !decryptor.is_scrypt() {
        return Err(CliError::Failed(format!(
            "{} is encrypted for a key, not by a passphrase: decrypt it with the age command and encrypt it by a passphrase",
            args.file.display()
        )));
    }
    let mut identity = scrypt::Identity::new(args.passphrase.known()?);
    identity.set_max_work_factor(MOST_WORK);
    let mut content = decryptor.decrypt(std::iter::once(&identity as _)).map_err(bad)?;
    let mut content = Named { content: &mut content, file: &args.file };
    let kept = store::put_in_place(&data, &lock, &mut content, delimiters).map_err(|error| failed(&error))?;
    let mut output = io::stdout().lock();
    writeln!(output, "Restored from {}. It takes effect when Postward starts.", args.file.display())?;
    if let Some(kept) = kept {
        writeln!(output, "What was there before is kept in {}.", kept.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is decrypted, with errors that tell a damaged file from a full disk.
struct Named<'a, R> {
    content: &'a mut R,
    file: &'a Path,
}

impl<R: Read> Read for Named<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content.read(buffer).map_err(|error| {
            let name = self.file.display();
            io::Error::new(error.kind(), format!("{name} is cut short or was changed ({error})"))
        })
    }
}

fn not_decrypted(file: &Path, error: &DecryptError) -> String {
    let name = file.display();
    match error {
        DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
            format!("that isn't the passphrase of {name}; nothing was changed")
        }
        DecryptError::ExcessiveWork { .. } => format!(
            "{name} asks for more memory than Postward spends on a passphrase: decrypt it with the age command, and \
             encrypt it anew"
        ),
        DecryptError::InvalidMac => format!("{name} was changed after it was made; nothing was restored"),
        DecryptError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            format!("can't read {name}: {error}")
        }
        _ => format!("{name} is not a backup, or is cut short; nothing was restored"),
    }
}

impl PassphraseArgs {
    /// A passphrase for a new backup: typed twice, so that a slip doesn't lock everybody out.
    fn chosen(&self) -> Result<SecretString, CliError> {
        let passphrase = self.ask("Passphrase for the backup: ")?;
        let length = passphrase.expose_secret().chars().count();
        if length < PASSPHRASE_CHARACTERS {
            return Err(CliError::Failed(format!(
                "a passphrase needs at least {PASSPHRASE_CHARACTERS} characters, for example four words that don't belong together"
            )));
        }
        if self.passphrase_file.is_none() {
            let again = self.ask("The same again: ")?;
            if again.expose_secret() != passphrase.expose_secret() {
                return Err(CliError::Failed("the two aren't the same: try again".to_owned()));
            }
        }
        Ok(passphrase)
    }

    /// The passphrase of a backup that is there.
    fn known(&self) -> Result<SecretString, CliError> {
        self.ask("Passphrase of the backup: ")
    }

    fn ask(&self, prompt: &str) -> Result<SecretString, CliError> {
        if let Some(file) = &self.passphrase_file {
            let unreadable =
                |error: io::Error| CliError::Failed(format!("can't read {}: {error}", file.display()));
            let mut line = String::new();
            BufReader::new(File::open(file).map_err(unreadable)?)
                .take(1024)
                .read_line(&mut line)
                .map_err(unreadable)?;
            return Ok(SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned()));
        }
        if !io::stderr().is_terminal() {
            return Err(CliError::Failed(
                "there is no terminal to ask for the passphrase: name a file that holds it with --passphrase-file FILE"
                    .to_owned(),
            ));
        }
        rpassword::prompt_password(prompt)
            .map(SecretString::from)
            .map_err(|error| CliError::Failed(format!("the terminal can't be asked: {error}")))
    }
}
