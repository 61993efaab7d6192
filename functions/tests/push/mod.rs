mod send;
mod subscribe;
mod unsubscribe;
mod vapid_key;
