//! A picture's number as black and white cells: white, black, 16 bits with the most significant
//! first, a checksum of 4 bits, black, white.

/// Cells of one number.
pub const CELLS: usize = 24;
const BITS: usize = 16;
const CHECKSUM_BITS: usize = 4;

/// The cells of a number: true is white.
#[must_use]
pub fn encode(number: u16) -> [bool; CELLS] {
    let mut cells = [false; CELLS];
    cells[0] = true;
    write_bits(&mut cells[2..2 + BITS], number);
    write_bits(
        &mut cells[2 + BITS..2 + BITS + CHECKSUM_BITS],
        checksum(number),
    );
    cells[CELLS - 1] = true;
    cells
}

/// The number that these cells show; none if they are not a counter or were read badly.
#[must_use]
pub fn decode(cells: &[bool; CELLS]) -> Option<u16> {
    let number = read_bits(&cells[2..2 + BITS]);
    (encode(number) == *cells).then_some(number)
}

fn write_bits(cells: &mut [bool], value: u16) {
    for (index, cell) in cells.iter_mut().rev().enumerate() {
        *cell = value >> index & 1 == 1;
    }
}

fn read_bits(cells: &[bool]) -> u16 {
    cells
        .iter()
        .fold(0, |value, cell| value << 1 | u16::from(*cell))
}

fn checksum(number: u16) -> u16 {
    (number ^ number >> 4 ^ number >> 8 ^ number >> 12) & 0xf
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn every_number_reads_as_it_was_written() {
        for number in 0..=u16::MAX {
            assert_eq!(decode(&encode(number)), Some(number));
        }
    }

    #[test]
    fn a_number_with_one_wrong_cell_is_refused() {
        let cells = encode(0b1010_0110_0101_1001);
        for index in 0..cells.len() {
            let mut wrong = cells;
            wrong[index] = !wrong[index];
            assert_eq!(decode(&wrong), None, "cell {index}");
        }
    }

    #[test]
    fn a_blank_strip_is_no_number() {
        assert_eq!(decode(&[false; 24]), None);
        assert_eq!(decode(&[true; 24]), None);
    }
}
