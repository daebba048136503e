//! What a form is parsed against.

use super::{OperatorWay, UnitWay};
use crate::channel::PublicChannel;
use crate::field::Date;

/// The facts beside the draft that decide whether it is right: handed in, so that page and server agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRules {
    /// Today in China.
    pub today: Date,
    /// Ways to verify the unit that the hall offers.
    pub unit_ways: Vec<UnitWay>,
    /// Ways to verify the operator that the hall offers.
    pub operator_ways: Vec<OperatorWay>,
}

impl FormRules {
    /// The rules of a channel on a day.
    pub fn of(channel: &PublicChannel, today: Date) -> Self {
        Self { today, unit_ways: channel.unit_ways.clone(), operator_ways: channel.operator_ways.clone() }
    }

    /// The way can be chosen: the hall offers it and the build can do it.
    pub fn offers_unit_way(&self, way: UnitWay) -> bool {
        way.supported() && self.unit_ways.contains(&way)
    }

    /// As [`FormRules::offers_unit_way`].
    pub fn offers_operator_way(&self, way: OperatorWay) -> bool {
        way.supported() && self.operator_ways.contains(&way)
    }
}
