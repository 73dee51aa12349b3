//! Rectangles of the display, and short lists of them. Pure.

use std::{fmt, str::FromStr};

/// A part of the display, in its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    /// All of a display of this size.
    pub fn whole(width: u16, height: u16) -> Self {
        Self {
            x: 0,
            y: 0,
            width,
            height,
        }
    }

    /// What lies in both, if anything does.
    pub(crate) fn common(self, other: Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let width = self.right().min(other.right()).checked_sub(x)?;
        let height = self.bottom().min(other.bottom()).checked_sub(y)?;
        let area = Self {
            x,
            y,
            width,
            height,
        };
        (width > 0 && height > 0).then_some(area)
    }

    /// The same place, counted from the corner of `of`, in which it lies.
    pub(crate) fn within(self, of: Self) -> Self {
        Self {
            x: self.x.saturating_sub(of.x),
            y: self.y.saturating_sub(of.y),
            ..self
        }
    }

    pub(crate) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    pub(crate) fn right(self) -> u16 {
        self.x.saturating_add(self.width)
    }

    pub(crate) fn bottom(self) -> u16 {
        self.y.saturating_add(self.height)
    }

    /// The same part of a picture that has one pixel for each `factor` by `factor` of these.
    pub(crate) fn shrunk(self, factor: u16) -> Self {
        Self {
            x: self.x / factor,
            y: self.y / factor,
            width: self.width / factor,
            height: self.height / factor,
        }
    }

    fn contains(self, other: Self) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && self.right() >= other.right()
            && self.bottom() >= other.bottom()
    }

    /// The box around both.
    fn around(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self {
            x,
            y,
            width: self.right().max(other.right()) - x,
            height: self.bottom().max(other.bottom()) - y,
        }
    }

    /// Grown to multiples of `step`, within `limits`, which are multiples of it.
    pub(crate) fn aligned(self, step: u16, limits: Self) -> Option<Self> {
        let (x, y) = (self.x / step * step, self.y / step * step);
        let end = |end: u16, limit: u16| end.min(limit).div_ceil(step).saturating_mul(step);
        let width = end(self.right(), limits.width).checked_sub(x)?;
        let height = end(self.bottom(), limits.height).checked_sub(y)?;
        let area = Self {
            x,
            y,
            width,
            height,
        };
        (width > 0 && height > 0).then_some(area)
    }
}

/// As X writes it: `WIDTHxHEIGHT+X+Y`.
impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            x,
            y,
            width,
            height,
        } = self;
        write!(f, "{width}x{height}+{x}+{y}")
    }
}

/// That is no area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an area is written as WIDTHxHEIGHT+X+Y")]
pub struct NoArea;

impl FromStr for Area {
    type Err = NoArea;

    fn from_str(text: &str) -> Result<Self, NoArea> {
        let numbers: Result<Vec<u16>, _> = text.split(['x', '+']).map(str::parse).collect();
        let Ok(&[width, height, x, y]) = numbers.as_deref() else {
            return Err(NoArea);
        };
        let area = Self {
            x,
            y,
            width,
            height,
        };
        // Which also finds numbers with a sign, and other marks between them.
        let is_one = area.pixels() > 0 && area.to_string() == text;
        is_one.then_some(area).ok_or(NoArea)
    }
}

/// More than this, and some are joined: each costs the X server a request.
const MOST: usize = 16;

/// What has changed: a few areas that may overlap.
#[derive(Debug, Clone, Default)]
pub(crate) struct Areas(Vec<Area>);

impl Areas {
    pub(crate) fn as_slice(&self) -> &[Area] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Overlaps count twice.
    pub(crate) fn pixels(&self) -> u64 {
        self.0.iter().map(|area| area.pixels()).sum()
    }

    pub(crate) fn add(&mut self, area: Area) {
        if self.0.iter().any(|known| known.contains(area)) {
            return;
        }
        self.0.retain(|&known| !area.contains(known));
        if self.0.len() < MOST {
            self.0.push(area);
            return;
        }
        let growth = |known: &&mut Area| known.around(area).pixels() - known.pixels();
        if let Some(nearest) = self.0.iter_mut().min_by_key(growth) {
            *nearest = nearest.around(area);
        }
    }

    pub(crate) fn add_all(&mut self, areas: &Self) {
        for &area in areas.as_slice() {
            self.add(area);
        }
    }

    /// The areas, or their box if that is hardly more: never more pixels than the display has.
    pub(crate) fn simplified(self) -> Self {
        let boxed = self.0.iter().copied().reduce(Area::around);
        match boxed {
            Some(boxed) if self.pixels() * 5 >= boxed.pixels() * 4 => Self(vec![boxed]),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area((x, y, width, height): (u16, u16, u16, u16)) -> Area {
        Area {
            x,
            y,
            width,
            height,
        }
    }

    fn areas(all: &[(u16, u16, u16, u16)]) -> Areas {
        let mut areas = Areas::default();
        for &one in all {
            areas.add(area(one));
        }
        areas
    }

    #[test]
    fn areas_grow_to_whole_chroma_samples_within_the_display() {
        let display = Area::whole(100, 50);
        for (step, changed, aligned) in [
            (2, (3, 5, 1, 1), Some((2, 4, 2, 2))),
            (2, (2, 4, 2, 2), Some((2, 4, 2, 2))),
            (2, (99, 49, 1, 1), Some((98, 48, 2, 2))),
            (4, (98, 46, 1, 1), Some((96, 44, 4, 4))),
            (2, (100, 0, 5, 5), None),
            (2, (0, 200, 5, 5), None),
            (2, (90, 40, u16::MAX, u16::MAX), Some((90, 40, 10, 10))),
        ] {
            let limits = Area::whole(100, if step == 4 { 48 } else { display.height });
            let found = area(changed).aligned(step, limits);
            assert_eq!(found, aligned.map(area), "{changed:?}");
        }
    }

    #[test]
    fn what_is_known_already_is_not_added() {
        let found = areas(&[(0, 0, 10, 10), (2, 2, 4, 4), (0, 0, 20, 20)]);
        assert_eq!(found.as_slice(), [area((0, 0, 20, 20))]);
    }

    #[test]
    fn many_areas_are_joined_with_their_neighbours_and_none_is_lost() {
        let points: Vec<_> = (0..100)
            .map(|n| (n * 37 % 1000, n * 91 % 700, 2, 2))
            .collect();
        let found = areas(&points);
        assert!(found.as_slice().len() <= MOST);
        for point in points {
            let seen = found.as_slice().iter();
            assert!(seen.clone().any(|known| known.contains(area(point))));
        }
    }

    #[test]
    fn areas_that_fill_their_box_become_it() {
        let halves = areas(&[(0, 0, 10, 10), (10, 0, 10, 10)]).simplified();
        assert_eq!(halves.as_slice(), [area((0, 0, 20, 10))]);
        let corners = areas(&[(0, 0, 2, 2), (98, 48, 2, 2)]).simplified();
        assert_eq!(corners.as_slice().len(), 2);
        let overlapping = areas(&[(0, 0, 90, 90), (10, 10, 90, 90), (0, 10, 90, 90)]);
        assert!(overlapping.simplified().pixels() <= 100 * 100);
    }

    #[test]
    fn areas_are_written_as_x_writes_them() {
        let area = Area {
            x: 1920,
            y: 0,
            width: 1280,
            height: 720,
        };
        assert_eq!("1280x720+1920+0".parse(), Ok(area));
        for wrong in [
            "",
            "1280x720",
            "0x720+0+0",
            "+1280x720+0+0",
            "1x1+1+1+1",
            "99999x1+0+0",
        ] {
            assert_eq!(wrong.parse::<Area>(), Err(NoArea), "{wrong}");
        }
    }

    #[test]
    fn what_two_areas_have_in_common_is_found_and_told_from_a_corner() {
        let part: Area = "100x50+200+10".parse().expect("an area");
        for (other, inside) in [
            ("1000x1000+0+0", Some("100x50+0+0")),
            ("20x20+190+50", Some("10x10+0+40")),
            ("200x50+0+10", None),
        ] {
            let other: Area = other.parse().expect("an area");
            let found = other.common(part).map(|area| area.within(part).to_string());
            assert_eq!(found.as_deref(), inside);
        }
    }
}
