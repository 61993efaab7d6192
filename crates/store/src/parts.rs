//! Parts of transactions.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem, Update};

use crate::error::StoreError;
use crate::keys::Key;
use crate::table::{Item, Table, attributes, number, text};

/// An update that is part of a transaction.
pub(crate) struct Change {
    key: Item,
    expression: String,
    condition: String,
    names: Vec<(String, String)>,
    values: Vec<(String, AttributeValue)>,
}

impl Change {
    pub(crate) fn of(key: &Key) -> Self {
        Self {
            key: attributes(key),
            expression: String::new(),
            condition: String::new(),
            names: Vec::new(),
            values: Vec::new(),
        }
    }

    pub(crate) fn set(self, expression: &str) -> Self {
        self.does(format!("SET {expression}"))
    }

    pub(crate) fn remove(self, names: &str) -> Self {
        self.does(format!("REMOVE {names}"))
    }

    fn does(self, expression: String) -> Self {
        Self { expression, ..self }
    }

    pub(crate) fn when(self, condition: &str) -> Self {
        Self { condition: condition.to_owned(), ..self }
    }

    pub(crate) fn name(mut self, placeholder: &str, name: &str) -> Self {
        self.names.push((placeholder.to_owned(), name.to_owned()));
        self
    }

    pub(crate) fn text(mut self, placeholder: &str, value: &str) -> Self {
        self.values.push((placeholder.to_owned(), text(value)));
        self
    }

    pub(crate) fn number(mut self, placeholder: &str, value: impl std::fmt::Display) -> Self {
        self.values.push((placeholder.to_owned(), number(value)));
        self
    }

    pub(crate) fn yes(mut self, placeholder: &str) -> Self {
        self.values.push((placeholder.to_owned(), AttributeValue::Bool(true)));
        self
    }

    pub(crate) fn part(self, table: &Table) -> Result<TransactWriteItem, StoreError> {
        let names = (!self.names.is_empty()).then(|| self.names.into_iter().collect());
        let values = (!self.values.is_empty()).then(|| self.values.into_iter().collect());
        let update = Update::builder()
            .table_name(table.name())
            .set_key(Some(self.key))
            .update_expression(self.expression)
            .set_condition_expression(Some(self.condition).filter(|condition| !condition.is_empty()))
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build()
            .map_err(StoreError::unreadable)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// Only if there is no such item.
pub(crate) fn absent(table: &Table, key: &Key) -> Result<TransactWriteItem, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(table.name())
        .set_key(Some(attributes(key)))
        .condition_expression("attribute_not_exists(PK)")
        .build()
        .map_err(StoreError::unreadable)?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

/// Only if there is such an item.
pub(crate) fn there(table: &Table, key: &Key) -> Result<TransactWriteItem, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(table.name())
        .set_key(Some(attributes(key)))
        .condition_expression("attribute_exists(PK)")
        .build()
        .map_err(StoreError::unreadable)?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

/// Only if an attribute of an item is this text.
pub(crate) fn is(table: &Table, key: &Key, name: &str, value: &str) -> Result<TransactWriteItem, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(table.name())
        .set_key(Some(attributes(key)))
        .condition_expression("#name = :value")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", text(value))
        .build()
        .map_err(StoreError::unreadable)?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

/// Deletes an item, if there is one.
pub(crate) fn gone(table: &Table, key: &Key) -> Result<TransactWriteItem, StoreError> {
    let delete = Delete::builder().table_name(table.name()).set_key(Some(attributes(key)));
    Ok(TransactWriteItem::builder().delete(delete.build().map_err(StoreError::unreadable)?).build())
}

/// Deletes an item under a condition.
pub(crate) fn delete(table: &Table, key: &Key, condition: &str) -> Result<TransactWriteItem, StoreError> {
    let delete = Delete::builder()
        .table_name(table.name())
        .set_key(Some(attributes(key)))
        .condition_expression(condition)
        .build()
        .map_err(StoreError::unreadable)?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}
