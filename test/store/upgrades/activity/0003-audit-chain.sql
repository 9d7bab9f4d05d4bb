pragma foreign_keys = off;
CREATE TABLE audit_events (
    id integer primary key autoincrement,
    created_at text not null,
    name text not null,
    author_kind text not null,
    author_id integer,
    author_name text not null,
    author_email text,
    acted_by text,
    entity_kind text not null,
    entity_id integer not null,
    entity_path text not null,
    target_type text not null,
    target_id text not null,
    target_details text not null,
    message text not null,
    change_field text,
    change_from text,
    change_to text,
    reason text,
    ip_address text
  , digest text not null default '');
CREATE TABLE credential_addresses (
    kind text not null,
    credential_id integer not null,
    address text not null,
    seen_at text not null,
    primary key (kind, credential_id, address)
  ) without rowid;
CREATE TABLE credential_usage (
    kind text not null,
    credential_id integer not null,
    last_used_at text not null,
    primary key (kind, credential_id)
  ) without rowid;
CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE runner_contacts (
      id integer primary key autoincrement,
      runner_id integer not null,
      system_id text not null,
      version text,
      revision text,
      platform text,
      architecture text,
      executor text,
      ip_address text,
      created_at text not null,
      contacted_at text not null
    );
insert into audit_events ("id", "created_at", "name", "author_kind", "author_id", "author_name", "author_email", "acted_by", "entity_kind", "entity_id", "entity_path", "target_type", "target_id", "target_details", "message", "change_field", "change_from", "change_to", "reason", "ip_address", "digest") values (1, '2026-01-02T03:04:05.000Z', 'audit_events-name-1', 'audit_events-author_kind-1', 1, 'audit_events-author_name-1', 'audit_events-author_email-1', 'audit_events-acted_by-1', 'audit_events-entity_kind-1', 1, 'audit_events-entity_path-1', 'audit_events-target_type-1', 'audit_events-target_id-1', 'audit_events-target_details-1', 'audit_events-message-1', 'audit_events-change_field-1', 'audit_events-change_from-1', 'audit_events-change_to-1', 'audit_events-reason-1', 'audit_events-ip_address-1', '742b295b58cdfe613db364a25dad19fd7606d237603c964cd292bbebfa8ecf22');
insert into audit_events ("id", "created_at", "name", "author_kind", "author_id", "author_name", "author_email", "acted_by", "entity_kind", "entity_id", "entity_path", "target_type", "target_id", "target_details", "message", "change_field", "change_from", "change_to", "reason", "ip_address", "digest") values (2, '2026-01-02T03:04:05.000Z', 'audit_events-name-2', 'audit_events-author_kind-2', 2, 'audit_events-author_name-2', 'audit_events-author_email-2', 'audit_events-acted_by-2', 'audit_events-entity_kind-2', 2, 'audit_events-entity_path-2', 'audit_events-target_type-2', 'audit_events-target_id-2', 'audit_events-target_details-2', 'audit_events-message-2', 'audit_events-change_field-2', 'audit_events-change_from-2', 'audit_events-change_to-2', 'audit_events-reason-2', 'audit_events-ip_address-2', '77b2772ed9706dbe65313c77bc36ee19796e0a86d72b9d74e9ea97139800d4ae');
insert into credential_addresses ("kind", "credential_id", "address", "seen_at") values ('credential_addresses-kind-1', 1, 'credential_addresses-address-1', '2026-01-02T03:04:05.000Z');
insert into credential_addresses ("kind", "credential_id", "address", "seen_at") values ('credential_addresses-kind-2', 2, 'credential_addresses-address-2', '2026-01-02T03:04:05.000Z');
insert into credential_usage ("kind", "credential_id", "last_used_at") values ('credential_usage-kind-1', 1, '2026-01-02T03:04:05.000Z');
insert into credential_usage ("kind", "credential_id", "last_used_at") values ('credential_usage-kind-2', 2, '2026-01-02T03:04:05.000Z');
insert into kysely_migration ("name", "timestamp") values ('0001-activity', '2026-11-25T17:48:11.531Z');
insert into kysely_migration ("name", "timestamp") values ('0002-runner-contacts', '2026-11-25T17:48:11.603Z');
insert into kysely_migration ("name", "timestamp") values ('0003-audit-chain', '2026-11-25T17:48:11.630Z');
insert into kysely_migration_lock ("id", "is_locked") values ('migration_lock', 0);
insert into runner_contacts ("id", "runner_id", "system_id", "version", "revision", "platform", "architecture", "executor", "ip_address", "created_at", "contacted_at") values (1, 1, 'runner_contacts-system_id-1', 'runner_contacts-version-1', 'runner_contacts-revision-1', 'runner_contacts-platform-1', 'runner_contacts-architecture-1', 'runner_contacts-executor-1', 'runner_contacts-ip_address-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into runner_contacts ("id", "runner_id", "system_id", "version", "revision", "platform", "architecture", "executor", "ip_address", "created_at", "contacted_at") values (2, 2, 'runner_contacts-system_id-2', 'runner_contacts-version-2', 'runner_contacts-revision-2', 'runner_contacts-platform-2', 'runner_contacts-architecture-2', 'runner_contacts-executor-2', 'runner_contacts-ip_address-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
delete from sqlite_sequence;
insert into sqlite_sequence ("name", "seq") values ('audit_events', 2);
insert into sqlite_sequence ("name", "seq") values ('runner_contacts', 2);
CREATE INDEX audit_events_by_author on audit_events (entity_kind, entity_id, author_id, created_at);
CREATE INDEX audit_events_by_entity on audit_events (entity_kind, entity_id, created_at);
CREATE INDEX audit_events_by_kind on audit_events (entity_kind, created_at);
CREATE INDEX audit_events_by_time on audit_events (created_at);
CREATE INDEX credential_usage_by_time on credential_usage (kind, last_used_at);
CREATE UNIQUE INDEX runner_contacts_by_runner on runner_contacts (runner_id, system_id);
CREATE INDEX runner_contacts_by_time on runner_contacts (runner_id, contacted_at);
CREATE TRIGGER audit_events_are_added_only before insert on audit_events
    when exists (select 1 from audit_events where id = new.id)
    begin select raise(abort, 'audit events are never replaced'); end;
CREATE TRIGGER audit_events_are_chained before insert on audit_events
  when length(new.digest) <> 64 or (
    new.id <> coalesce((select max(id) from audit_events), 0) + 1
    and not exists (select 1 from audit_events where id = new.id)
  )
  begin select raise(abort, 'audit events are chained'); end;
CREATE TRIGGER audit_events_keep_what_they_say before update on audit_events
  begin select raise(abort, 'audit events are never changed'); end;
CREATE TRIGGER audit_events_stay before delete on audit_events
    begin select raise(abort, 'audit events are never removed'); end;
