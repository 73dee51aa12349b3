//! Libraries that may be there.

use std::ffi::{CStr, c_char};

use libloading::{Library, Symbol};

/// Why a driver's library cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("{0} is not there")]
    NoLibrary(&'static str),
    #[error("{0} cannot be loaded: {1}")]
    Broken(&'static str, String),
    #[error("{library} has no function {function}")]
    NoFunction {
        library: &'static str,
        function: &'static str,
    },
}

#[derive(Debug)]
pub(crate) struct Driver {
    name: &'static str,
    library: Library,
}

impl Driver {
    /// Loads a library by its name, as the dynamic linker finds it.
    pub(crate) fn load(name: &'static str) -> Result<Self, LoadError> {
        // SAFETY: its initialisers run. They are a driver's, and whoever calls this has made sure that
        // nothing but this process depends on what they do.
        let library = unsafe { Library::new(name) }.map_err(|error| {
            let text = error_text(&error);
            if text.contains("No such file") {
                LoadError::NoLibrary(name)
            } else {
                LoadError::Broken(name, text)
            }
        })?;
        Ok(Self { name, library })
    }

    /// The function of this name.
    ///
    /// # Safety
    ///
    /// `F` is the type of that function, as the library's header declares it.
    pub(crate) unsafe fn function<F>(
        &self,
        name: &'static str,
    ) -> Result<Symbol<'_, F>, LoadError> {
        // SAFETY: the caller knows the type.
        unsafe { self.library.get(name.as_bytes()) }.map_err(|_| LoadError::NoFunction {
            library: self.name,
            function: name,
        })
    }
}

fn error_text(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// The most that a driver's words are listened to.
const MAX_CHARS: usize = 200;

/// Text that a driver wrote into a buffer of ours: what is before the first zero, if there is one.
pub(crate) fn text(buffer: &[u8]) -> String {
    let end = buffer.iter().position(|&byte| byte == 0);
    let text = String::from_utf8_lossy(&buffer[..end.unwrap_or(buffer.len())]);
    text.chars().take(MAX_CHARS).collect()
}

/// Text that a driver keeps.
///
/// # Safety
///
/// `text` is null, or ends with a zero and does not change meanwhile.
pub(crate) unsafe fn foreign_text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: it is not null, and the caller knows the rest.
    let text = unsafe { CStr::from_ptr(text) };
    Some(text.to_string_lossy().chars().take(MAX_CHARS).collect())
}
