//! What operators make of their sides.

use std::cmp::Ordering;

use serde_json::Value;

use super::syntax::Operator;
use crate::json_path::shown;

/// As in Velocity 1: everything is true but null and false.
pub(super) fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

/// Null for what makes no sense: a number and a list, a division by zero.
pub(super) fn both(operator: Operator, left: &Value, right: &Value) -> Value {
    let by = |right_order: &[Ordering]| order(left, right).is_some_and(|order| right_order.contains(&order)).into();
    match operator {
        Operator::Equal => is_equal(left, right).into(),
        Operator::Unequal => (!is_equal(left, right)).into(),
        Operator::Less => by(&[Ordering::Less]),
        Operator::LessOrEqual => by(&[Ordering::Less, Ordering::Equal]),
        Operator::Greater => by(&[Ordering::Greater]),
        Operator::GreaterOrEqual => by(&[Ordering::Greater, Ordering::Equal]),
        Operator::Plus if left.is_string() || right.is_string() => (shown(Some(left)) + &shown(Some(right))).into(),
        Operator::Plus | Operator::Minus | Operator::Times | Operator::Divided | Operator::Modulo => {
            arithmetic(operator, left, right)
        }
        Operator::And => (is_true(left) && is_true(right)).into(),
        Operator::Or => (is_true(left) || is_true(right)).into(),
    }
}

fn is_equal(left: &Value, right: &Value) -> bool {
    if let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) {
        return left.total_cmp(&right).is_eq();
    }
    // Velocity compares different kinds by their text.
    left == right || !left.is_null() && !right.is_null() && shown(Some(left)) == shown(Some(right))
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Value {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        let whole = match operator {
            Operator::Plus => left.checked_add(right),
            Operator::Minus => left.checked_sub(right),
            Operator::Times => left.checked_mul(right),
            Operator::Divided => left.checked_div(right),
            _ => left.checked_rem(right),
        };
        return whole.map(Value::from).unwrap_or_default();
    }
    let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) else { return Value::Null };
    let number = match operator {
        Operator::Plus => left + right,
        Operator::Minus => left - right,
        Operator::Times => left * right,
        Operator::Divided => left / right,
        _ => left % right,
    };
    // Infinite ones and those that are no number are null.
    number.into()
}
