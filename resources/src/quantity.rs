//! Amounts as Kubernetes writes them: `500m`, `2`, `1.5Gi`.

/// In thousandths, rounded up; nothing if it is no amount, or more than can be counted.
///
/// Exponents (`1e3`) are not read.
#[must_use]
pub fn thousandths(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| c != '.' && !c.is_ascii_digit());
    let (number, suffix) = text.split_at(digits.unwrap_or(text.len()));
    let factor: u128 = match suffix {
        "m" => 1,
        "" => 1000,
        "k" => 1000 * 1000,
        "M" => 1000 * 1000_u128.pow(2),
        "G" => 1000 * 1000_u128.pow(3),
        "T" => 1000 * 1000_u128.pow(4),
        "Ki" => 1000 << 10,
        "Mi" => 1000 << 20,
        "Gi" => 1000 << 30,
        "Ti" => 1000 << 40,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || part.contains('.') || part.len() > 9 {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(part.len()).ok()?);
    let digits: u128 = format!("{whole}{part}").parse().ok()?;
    u64::try_from(digits.checked_mul(factor)?.div_ceil(scale)).ok()
}

/// What [`thousandths`] reads, as a pattern of JSON Schema.
#[cfg(feature = "schema")]
pub(crate) const PATTERN: &str = r"^[0-9]+(\.[0-9]{1,9})?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_kubernetes_reads_them() {
        for (text, expected) in [
            ("2", Some(2000)),
            ("500m", Some(500)),
            ("0.1", Some(100)),
            ("1.5Gi", Some(1536 * 1024 * 1024 * 1000)),
            ("0.0001", Some(1)),
            ("3k", Some(3_000_000)),
            ("", None),
            ("m", None),
            (".5", None),
            ("1.2.3", None),
            ("-1", None),
            ("1e3", None),
            ("1 Gi", None),
            ("99999999999999999999Ti", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text:?}");
        }
    }
}
