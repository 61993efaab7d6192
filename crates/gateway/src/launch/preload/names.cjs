// Loaded before a function's own code: connections to the names that this gateway's APIs have on AWS lead to the gateway.
'use strict';
const net = require('node:net');

const names = new Set((process.env.GATEWAY_NAMES ?? '').split(','));
const { connect } = net.Socket.prototype;

net.Socket.prototype.connect = function (...all) {
  // A list of options and a callback, where Node has put them in order already.
  const given = Array.isArray(all[0]) ? all[0] : all;
  if (names.has(given[0]?.host)) {
    given[0] = { ...given[0], host: '127.0.0.1', port: Number(process.env.GATEWAY_PORT) };
  }
  return connect.apply(this, all);
};
