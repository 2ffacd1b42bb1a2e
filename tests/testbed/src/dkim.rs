//! DKIM signatures as others make them: by dkimpy, with keys made for the test.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

/// A key pair.
pub struct Key {
    folder: TempDir,
    algorithm: &'static str,
    /// The text of the key's DNS record.
    pub record: String,
}

/// How a mail is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'s> {
    /// `d=`
    pub domain: &'s str,
    /// `s=`
    pub selector: &'s str,
    /// `c=`
    pub canonicalization: &'s str,
    /// `h=`
    pub fields: &'s str,
    /// `length` for `l=`, `expired` for an `x=` in the past.
    pub options: &'s [&'s str],
}

impl<'s> Signing<'s> {
    /// Signs From, To and Subject for this domain, with the selector `sel`.
    pub fn of(domain: &'s str) -> Self {
        let (selector, canonicalization) = ("sel", "relaxed/relaxed");
        Self { domain, selector, canonicalization, fields: "from:to:subject", options: &[] }
    }
}

impl Key {
    /// An RSA key of this many bits, for `algorithm`: `rsa-sha256` or `rsa-sha1`.
    pub fn rsa(bits: u32, algorithm: &'static str) -> Result<Self> {
        let folder = TempDir::with_prefix("postward-key-")?;
        let private = folder.path().join("key");
        openssl(
            Command::new("openssl")
                .arg("genrsa")
                .args(["-traditional", "-out"])
                .arg(&private)
                .arg(bits.to_string()),
        )?;
        let public = openssl(
            Command::new("openssl").args(["rsa", "-pubout", "-outform", "DER", "-in"]).arg(&private),
        )?;
        let record = format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(public));
        Ok(Self { folder, algorithm, record })
    }

    /// An Ed25519 key (RFC 8463).
    pub fn ed25519() -> Result<Self> {
        let folder = TempDir::with_prefix("postward-key-")?;
        let pem = folder.path().join("pem");
        openssl(Command::new("openssl").args(["genpkey", "-algorithm", "ed25519", "-out"]).arg(&pem))?;
        let last_32 = |der: Vec<u8>| STANDARD.encode(&der[der.len() - 32..]);
        let private = openssl(Command::new("openssl").args(["pkey", "-outform", "DER", "-in"]).arg(&pem))?;
        let public =
            openssl(Command::new("openssl").args(["pkey", "-pubout", "-outform", "DER", "-in"]).arg(&pem))?;
        std::fs::write(folder.path().join("key"), last_32(private))?;
        Ok(Self {
            folder,
            algorithm: "ed25519-sha256",
            record: format!("v=DKIM1; k=ed25519; p={}", last_32(public)),
        })
    }

    /// The mail with a signature on top.
    pub fn sign(&self, mail: &str, how: Signing<'_>) -> Result<String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sign_by_dkim.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .arg(self.folder.path().join("key"))
            .args([self.algorithm, how.domain, how.selector, how.canonicalization, how.fields])
            .args(how.options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("can't start Python: run scripts/setup")?;
        child.stdin.take().context("no input")?.write_all(mail.as_bytes())?;
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("dkimpy doesn't sign (is python3-dkim there? run scripts/setup): {}", output.status);
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

fn openssl(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().context("can't start openssl: run scripts/setup")?;
    if !output.status.success() {
        bail!("openssl: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}
