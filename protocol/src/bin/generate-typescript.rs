//! Prints the TypeScript declarations of every message; `./dev generate` keeps the file.

use std::io::{self, Write};

use streamspace_protocol as protocol;
use ts_rs::{Config, TS};

fn main() -> io::Result<()> {
    let config = Config::default();
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "// Generated from the crate `protocol` by `./dev generate`. Do not edit.\n"
    )?;
    writeln!(
        out,
        "export const PROTOCOL_VERSION = {};",
        protocol::PROTOCOL_VERSION
    )?;
    writeln!(
        out,
        "export const CONTROL_CHANNEL = \"{}\";",
        protocol::CONTROL_CHANNEL
    )?;
    writeln!(
        out,
        "export const POINTER_CHANNEL = \"{}\";",
        protocol::POINTER_CHANNEL
    )?;
    writeln!(
        out,
        "export const MAX_MESSAGE_BYTES = {};",
        protocol::MAX_MESSAGE_BYTES
    )?;
    writeln!(
        out,
        "export const CLIPBOARD_CHANNEL = \"{}\";",
        protocol::CLIPBOARD_CHANNEL
    )?;
    writeln!(
        out,
        "export const CLIPBOARD_PIECE_BYTES = {};",
        protocol::CLIPBOARD_PIECE_BYTES
    )?;
    writeln!(
        out,
        "export const MAX_TEXT_CHARS = {};",
        protocol::MAX_TEXT_CHARS
    )?;
    writeln!(
        out,
        "export const MAX_NAME_CHARS = {};",
        protocol::MAX_NAME_CHARS
    )?;
    writeln!(
        out,
        "export const MAX_CHAT_CHARS = {};\n",
        protocol::MAX_CHAT_CHARS
    )?;
    for declaration in [
        protocol::Code::decl(&config),
        protocol::Problem::decl(&config),
        protocol::Role::decl(&config),
        protocol::SessionId::decl(&config),
        protocol::ViewerId::decl(&config),
        protocol::Secret::decl(&config),
        protocol::Join::decl(&config),
        protocol::VncLimits::decl(&config),
        protocol::Policy::decl(&config),
        protocol::ClipboardPolicy::decl(&config),
        protocol::ClipboardKind::decl(&config),
        protocol::FilePolicy::decl(&config),
        protocol::Folder::decl(&config),
        protocol::FolderEntry::decl(&config),
        protocol::EntryKind::decl(&config),
        protocol::UploadState::decl(&config),
        protocol::Hello::decl(&config),
        protocol::ClientSignal::decl(&config),
        protocol::Candidate::decl(&config),
        protocol::ServerSignal::decl(&config),
        protocol::IceServer::decl(&config),
        protocol::ClientMessage::decl(&config),
        protocol::Pixel::decl(&config),
        protocol::PointerMove::decl(&config),
        protocol::ClipboardMessage::decl(&config),
        protocol::ClipboardItem::decl(&config),
        protocol::ServerMessage::decl(&config),
        protocol::DisplaySize::decl(&config),
        protocol::Screen::decl(&config),
        protocol::GamepadState::decl(&config),
        protocol::DeviceSupport::decl(&config),
        protocol::Devices::decl(&config),
        protocol::Cursor::decl(&config),
        protocol::StreamStats::decl(&config),
        protocol::Stage::decl(&config),
        protocol::FrameTimes::decl(&config),
        protocol::StageLatency::decl(&config),
        protocol::Latency::decl(&config),
        protocol::PersonName::decl(&config),
        protocol::ShareId::decl(&config),
        protocol::ViewerPath::decl(&config),
        protocol::PersonHere::decl(&config),
        protocol::ChatLine::decl(&config),
        protocol::Pointers::decl(&config),
        protocol::PersonPointer::decl(&config),
        protocol::NewShare::decl(&config),
        protocol::Share::decl(&config),
        protocol::ShareMade::decl(&config),
        protocol::ShareList::decl(&config),
        protocol::JoinRequest::decl(&config),
    ] {
        writeln!(out, "export {declaration}")?;
    }
    Ok(())
}
