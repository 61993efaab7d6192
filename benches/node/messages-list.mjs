// GET /api/conversations/{conversationId}/messages, with the calls and the answer of the Rust function, for a page that
// is wanted without a cursor and whose translations are known.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';

const table = process.env.TABLE_NAME;
const perMinute = Number(process.env.HTTP_PER_MINUTE);
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const keys = new Map(process.env.TOKEN_PUBLIC_KEYS.split(',').map((pair) => {
  const at = pair.indexOf('=');
  const x = pair.slice(at + 1);
  return [pair.slice(0, at), createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })];
}));

const VARIANTS = { 'es MX': 'es-MX', 'fr CA': 'fr-CA', 'pt PT': 'pt-PT', 'fa AF': 'fa-AF', 'zh TW': 'zh-TW', 'zh HK': 'zh-TW', 'zh MO': 'zh-TW' };
const RECEIPTS_UP_TO = 100;

export async function handler(event) {
  const now = Date.now();
  try {
    const user = signedIn(event.headers.authorization, now);
    const standing = await count(user, now);
    const conversation = event.pathParameters.conversationId;
    const meta = await enter(conversation, user);
    const size = Number(new URLSearchParams(event.rawQueryString).get('limit') ?? 50);
    const { page: all, hasMore } = await latest(conversation, size);
    const hidden = await hiddenOf(user, conversation, all);
    const page = all.filter((message) => !hidden.has(message.id));
    const [members, faces] = await Promise.all([
      page.length === 0 || meta.memberCount > RECEIPTS_UP_TO ? [] : membersOf(conversation),
      presenceOf(new Set([...page.map((message) => message.sender), user])),
    ]);
    const reader = faces.get(user);
    const target = VARIANTS[`${reader.language} ${reader.country}`] ?? reader.language;
    const translations = await translationsOf(page, user, target, now);
    const messages = page.map((message) => view(message, conversation, faces, members, reader, translations));
    const nextCursor = hasMore ? all[0].id : null;
    return reply(200, { messages, hasMore, nextCursor }, standing);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return reply(error.status, { message: error.message, code: error.code, details: {} });
  }
}

class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

function signedIn(header, now) {
  const unauthorized = () => new Refused(401, 'UNAUTHORIZED', 'sign in first');
  const [scheme, token] = (header ?? '').split(' ');
  if (scheme.toLowerCase() !== 'bearer' || !token) throw unauthorized();
  const [head, payload, signature] = token.split('.');
  const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url'));
  const key = keys.get(kid);
  if (!key || alg !== 'EdDSA') throw unauthorized();
  if (!verify(null, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'))) throw unauthorized();
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  if (claims.aud !== 'parlance' || claims.typ !== 'access' || claims.exp * 1000 <= now) throw unauthorized();
  return claims.sub;
}

async function count(user, now) {
  const minute = Math.floor(now / 60_000);
  const reset = (minute + 1) * 60;
  const { Attributes: window } = await dynamodb.send(new UpdateCommand({
    TableName: table,
    Key: { PK: `RATE#http#${Buffer.from(user).toString('base64url')}`, SK: String(minute) },
    UpdateExpression: 'ADD #c0 :one SET expiresAt = :end',
    ConditionExpression: '(attribute_not_exists(#c0) OR #c0 < :l0)',
    ExpressionAttributeNames: { '#c0': 'all' },
    ExpressionAttributeValues: { ':one': 1, ':end': reset + 3600, ':l0': perMinute },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })).catch((error) => {
    if (error.name === 'ConditionalCheckFailedException') throw new Refused(429, 'RATE_LIMITED', 'too many requests');
    throw error;
  });
  return { remaining: perMinute - window.all, reset };
}

async function getMany(keys, consistent) {
  const items = [];
  for (let start = 0; start < keys.length; start += 100) {
    let wanted = keys.slice(start, start + 100);
    while (wanted.length > 0) {
      const answer = await dynamodb.send(new BatchGetCommand({
        RequestItems: { [table]: { Keys: wanted, ConsistentRead: consistent } },
      }));
      items.push(...(answer.Responses?.[table] ?? []));
      wanted = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
  }
  return items;
}

async function enter(conversation, user) {
  const PK = `CONV#${conversation}`;
  const items = await getMany([{ PK, SK: 'META' }, { PK, SK: `MEMBER#${user}` }], true);
  if (items.length < 2) throw new Refused(404, 'NOT_FOUND', 'Conversation not found');
  return items.find((item) => item.SK === 'META');
}

async function latest(conversation, size) {
  const { Items: items } = await dynamodb.send(new QueryCommand({
    TableName: table,
    KeyConditionExpression: 'PK = :room AND begins_with(SK, :border)',
    ExpressionAttributeValues: { ':room': `CONV#${conversation}`, ':border': 'MSG#' },
    ScanIndexForward: false,
    Limit: size + 1,
  }));
  return { page: items.slice(0, size).reverse(), hasMore: items.length > size };
}

async function hiddenOf(user, conversation, page) {
  if (page.length === 0) return new Set();
  const key = (message) => `HIDDEN#${conversation}#${message.id}`;
  const { Items: items } = await dynamodb.send(new QueryCommand({
    TableName: table,
    KeyConditionExpression: 'PK = :person AND SK BETWEEN :first AND :last',
    ExpressionAttributeValues: { ':person': `USER#${user}`, ':first': key(page[0]), ':last': key(page.at(-1)) },
  }));
  return new Set(items.map((item) => item.message));
}

async function membersOf(conversation) {
  const members = [];
  let start;
  do {
    const answer = await dynamodb.send(new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'PK = :room AND begins_with(SK, :member)',
      ExpressionAttributeValues: { ':room': `CONV#${conversation}`, ':member': 'MEMBER#' },
      ConsistentRead: false,
      ExclusiveStartKey: start,
    }));
    members.push(...answer.Items);
    start = answer.LastEvaluatedKey;
  } while (start);
  return members;
}

async function presenceOf(people) {
  const items = await getMany([...people].map((user) => ({ PK: `USER#${user}`, SK: 'PRESENCE' })), false);
  return new Map(items.map((item) => [item.id, item]));
}

const base = (language) => language.split('-')[0];
const sameText = (a, b) => a === b || (base(a) === base(b) && base(a) !== 'zh');

function fingerprint(message) {
  return createHash('sha256').update(`${message.language}\n${message.content.trim().normalize('NFC')}`).digest('hex');
}

async function translationsOf(page, user, target, now) {
  const wanted = page.filter((message) => message.translate && message.sender !== user
    && !sameText(message.language, target) && /\p{L}/u.test(message.content));
  const hashes = new Map(wanted.map((message) => [message.id, fingerprint(message)]));
  const keys = [...new Set(hashes.values())].map((hash) => ({ PK: `TRANSLATION#${hash}`, SK: target }));
  const items = (await getMany(keys, false)).filter((item) => item.expiresAt * 1000 > now);
  const texts = new Map(items.map((item) => [item.PK, item.text]));
  return new Map([...hashes].map(([id, hash]) => [id, texts.get(`TRANSLATION#${hash}`)]));
}

function participant(id, person) {
  const displayName = person?.displayName ?? 'deleted user';
  return {
    id,
    userId: id,
    username: person?.username ?? 'deleted',
    name: displayName,
    displayName,
    avatarUrl: person?.avatarUrl ?? null,
    preferredLanguage: person?.language ?? 'en',
  };
}

function view(message, conversation, faces, members, reader, translations) {
  const seq = parseInt(message.id.slice(4, 17).replace('-', ''), 16);
  const others = members.filter((member) => member.user !== message.sender);
  const delivered = (member) => Math.max(member.lastDeliveredSeq, member.lastReadSeq);
  const reached = (progress) => others.length > 0 && others.every((member) => progress(member) >= seq);
  const status = reached((member) => member.lastReadSeq) ? 'read' : reached(delivered) ? 'delivered' : 'sent';
  const sender = participant(message.sender, faces.get(message.sender));
  const time = new Date(message.createdAt).toISOString();
  return {
    id: message.id,
    conversationId: conversation,
    seq,
    senderId: message.sender,
    sender,
    senderName: sender.displayName,
    type: message.kind,
    originalContent: message.content,
    content: message.content,
    originalLanguage: message.language,
    translatedContent: translations.get(message.id) ?? message.content,
    targetLanguage: reader.language,
    status,
    reactions: {},
    readBy: others.filter((member) => member.lastReadSeq >= seq).map((member) => member.user),
    attachment: null,
    replyTo: message.replyTo ? {
      messageId: message.replyTo.id,
      content: message.replyTo.preview,
      senderId: message.replyTo.sender,
      senderName: message.replyTo.senderName,
      type: message.replyTo.kind,
    } : null,
    edited: message.editedAt !== undefined,
    editedAt: message.editedAt === undefined ? null : new Date(message.editedAt).toISOString(),
    deleted: message.deletedAt !== undefined,
    deletedAt: message.deletedAt === undefined ? null : new Date(message.deletedAt).toISOString(),
    timestamp: time,
    createdAt: time,
  };
}

function reply(statusCode, body, standing) {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  if (standing) {
    headers['x-ratelimit-limit'] = String(perMinute);
    headers['x-ratelimit-remaining'] = String(standing.remaining);
    headers['x-ratelimit-reset'] = String(standing.reset);
  }
  return { statusCode, headers, body: JSON.stringify(body), isBase64Encoded: false, cookies: [] };
}
