pragma foreign_keys = off;
CREATE TABLE "access_tokens" ("id" integer primary key autoincrement, "user_id" integer not null references "users" ("id") on delete cascade, "name" text not null, "digest" text not null, "scopes" text not null, "created_at" text not null, "impersonation" integer not null, "revoked" integer not null, "description" text, "expires_at" text, "previous_id" integer, "created_by" integer references "users" ("id") on delete set null);
CREATE TABLE "deploy_key_projects" ("key_id" integer not null references "keys" ("id") on delete cascade, "project_id" integer not null references "projects" ("id") on delete cascade, "can_push" integer not null, "created_at" text not null);
CREATE TABLE "deploy_tokens" ("id" integer primary key autoincrement, "project_id" integer references "projects" ("id") on delete cascade, "group_id" integer references "namespaces" ("id") on delete cascade, "name" text not null, "username" text not null, "digest" text not null, "scopes" text not null, "created_at" text not null, "revoked" integer not null, "expires_at" text, "created_by" integer references "users" ("id") on delete set null);
CREATE TABLE expiry_notices (
    id integer primary key autoincrement,
    access_token_id integer references access_tokens (id) on delete cascade,
    deploy_token_id integer references deploy_tokens (id) on delete cascade,
    days integer not null,
    user_id integer not null references users (id) on delete cascade,
    state text not null,
    tries integer not null,
    not_before text not null
  );
CREATE TABLE "invitations" ("id" integer primary key autoincrement, "namespace_id" integer references "namespaces" ("id") on delete cascade, "project_id" integer references "projects" ("id") on delete cascade, "email" text not null, "email_key" text not null, "access_level" integer not null, "expires_at" text, "created_by" integer references "users" ("id") on delete set null, "created_at" text not null);
CREATE TABLE "keys" ("id" integer primary key autoincrement, "kind" text not null, "title" text not null, "key" text not null, "fingerprint_sha256" text not null, "fingerprint_md5" text not null, "usage_type" text not null, "created_at" text not null, "user_id" integer references "users" ("id") on delete set null, "public" integer not null, "expires_at" text);
CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE "members" ("id" integer primary key autoincrement, "namespace_id" integer references "namespaces" ("id") on delete cascade, "project_id" integer references "projects" ("id") on delete cascade, "user_id" integer not null references "users" ("id") on delete cascade, "access_level" integer not null, "expires_at" text, "created_by" integer references "users" ("id") on delete set null, "created_at" text not null, updated_at text);
CREATE TABLE "namespaces" ("id" integer primary key autoincrement, "kind" text not null, "lineage" text not null, "name" text not null, "path" text not null, "description" text not null, "visibility" text not null, "created_at" text not null, "updated_at" text not null, "project_creation_level" text not null, "subgroup_creation_level" text not null, "parent_id" integer references "namespaces" ("id") on delete cascade, "owner_id" integer references "users" ("id") on delete cascade, "archived" integer not null, "default_branch_protection" integer, default_branch_protection_defaults text);
CREATE TABLE notice_runs (job text primary key, day text not null);
CREATE TABLE "projects" ("id" integer primary key autoincrement, "namespace_id" integer not null references "namespaces" ("id") on delete cascade, "creator_id" integer references "users" ("id") on delete set null, "name" text not null, "path" text not null, "description" text not null, "visibility" text not null, "repository_access_level" text not null, "initial_branch" text not null, "created_at" text not null, "updated_at" text not null, "last_activity_at" text not null, "default_branch" text, "archived" integer not null);
CREATE TABLE "protected_ref_levels" ("id" integer primary key autoincrement, "protected_ref_id" integer not null references "protected_refs" ("id") on delete cascade, "action" text not null, "access_level" integer, "user_id" integer references "users" ("id") on delete cascade, "group_id" integer references "namespaces" ("id") on delete cascade, "deploy_key_id" integer references "keys" ("id") on delete cascade);
CREATE TABLE "protected_refs" ("id" integer primary key autoincrement, "project_id" integer not null references "projects" ("id") on delete cascade, "kind" text not null, "name" text not null, "created_at" text not null, "allow_force_push" integer not null, updated_at text);
CREATE TABLE "redirects" ("path_key" text primary key, "path" text not null, "namespace_id" integer references "namespaces" ("id") on delete cascade, "project_id" integer references "projects" ("id") on delete cascade);
CREATE TABLE "routes" ("path_key" text primary key, "path" text not null, "namespace_id" integer references "namespaces" ("id") on delete cascade, "project_id" integer references "projects" ("id") on delete cascade);
CREATE TABLE "sealing_keys" ("id" integer primary key, "fingerprint" text not null, "created_at" text not null);
CREATE TABLE "security_epoch" ("id" integer primary key autoincrement, "value" integer not null);
CREATE TABLE "settings" ("key" text primary key, "value" text not null);
CREATE TABLE "triggers" ("id" integer primary key autoincrement, "project_id" integer not null references "projects" ("id") on delete cascade, "owner_id" integer not null references "users" ("id") on delete cascade, "description" text not null, "digest" text not null unique, "sealed" text not null, "expires_at" text, "created_at" text not null, "updated_at" text not null);
CREATE TABLE "user_statuses" ("user_id" integer primary key references "users" ("id") on delete cascade, "emoji" text not null, "message" text not null, "availability" text not null, "clear_status_at" text);
CREATE TABLE "user_tokens" ("user_id" integer not null references "users" ("id") on delete cascade, "kind" text not null, "digest" text not null unique, "sealed" text not null, "created_at" text not null, constraint "user_tokens_primary_key" primary key ("user_id", "kind"));
CREATE TABLE "users" ("id" integer primary key autoincrement, "username" text not null, "username_key" text not null, "name" text not null, "email" text not null, "email_key" text not null, "state" text not null, "kind" text not null, "created_at" text not null, "updated_at" text not null, "is_admin" integer not null, "is_external" integer not null, "can_create_group" integer not null, "projects_limit" integer not null, "confirmed_at" text, "note" text, "password_hash" text, "password_expires_at" text, "bot_project_id" integer, "bot_group_id" integer, "created_by" integer);
insert into access_tokens ("id", "user_id", "name", "digest", "scopes", "created_at", "impersonation", "revoked", "description", "expires_at", "previous_id", "created_by") values (1, 1, 'access_tokens-name-1', '39bbd51edf618f7ed229a4dfed8953962148bc48a4411e9abecdee9721bf8adc', '["api"]', '2026-01-02T03:04:05.000Z', 0, 0, 'access_tokens-description-1', NULL, NULL, 1);
insert into access_tokens ("id", "user_id", "name", "digest", "scopes", "created_at", "impersonation", "revoked", "description", "expires_at", "previous_id", "created_by") values (2, 1, 'access_tokens-name-2', 'bc9af5417c50ae713a37dad93704d6527376e890486a5a3e2018565266f326b2', '["api"]', '2026-01-02T03:04:05.000Z', 0, 1, 'access_tokens-description-2', NULL, NULL, 2);
insert into deploy_key_projects ("key_id", "project_id", "can_push", "created_at") values (1, 1, 1, '2026-01-02T03:04:05.000Z');
insert into deploy_key_projects ("key_id", "project_id", "can_push", "created_at") values (2, 2, 2, '2026-01-02T03:04:05.000Z');
insert into deploy_tokens ("id", "project_id", "group_id", "name", "username", "digest", "scopes", "created_at", "revoked", "expires_at", "created_by") values (1, 1, 1, 'deploy_tokens-name-1', 'deploy_tokens-username-1', 'deploy_tokens-digest-1', 'deploy_tokens-scopes-1', '2026-01-02T03:04:05.000Z', 1, '2026-01-02T03:04:05.000Z', 1);
insert into deploy_tokens ("id", "project_id", "group_id", "name", "username", "digest", "scopes", "created_at", "revoked", "expires_at", "created_by") values (2, 2, 2, 'deploy_tokens-name-2', 'deploy_tokens-username-2', 'deploy_tokens-digest-2', 'deploy_tokens-scopes-2', '2026-01-02T03:04:05.000Z', 2, '2026-01-02T03:04:05.000Z', 2);
insert into expiry_notices ("id", "access_token_id", "deploy_token_id", "days", "user_id", "state", "tries", "not_before") values (1, 1, 1, 1, 1, 'expiry_notices-state-1', 1, 'expiry_notices-not_before-1');
insert into expiry_notices ("id", "access_token_id", "deploy_token_id", "days", "user_id", "state", "tries", "not_before") values (2, 2, 2, 2, 2, 'expiry_notices-state-2', 2, 'expiry_notices-not_before-2');
insert into invitations ("id", "namespace_id", "project_id", "email", "email_key", "access_level", "expires_at", "created_by", "created_at") values (1, 1, 1, 'invitations-email-1', 'invitations-email_key-1', 1, '2026-01-02T03:04:05.000Z', 1, '2026-01-02T03:04:05.000Z');
insert into invitations ("id", "namespace_id", "project_id", "email", "email_key", "access_level", "expires_at", "created_by", "created_at") values (2, 2, 2, 'invitations-email-2', 'invitations-email_key-2', 2, '2026-01-02T03:04:05.000Z', 2, '2026-01-02T03:04:05.000Z');
insert into keys ("id", "kind", "title", "key", "fingerprint_sha256", "fingerprint_md5", "usage_type", "created_at", "user_id", "public", "expires_at") values (1, 'user', 'keys-title-1', 'keys-key-1', 'keys-fingerprint_sha256-1', 'keys-fingerprint_md5-1', 'keys-usage_type-1', '2026-01-02T03:04:05.000Z', 1, 0, NULL);
insert into keys ("id", "kind", "title", "key", "fingerprint_sha256", "fingerprint_md5", "usage_type", "created_at", "user_id", "public", "expires_at") values (2, 'deploy', 'keys-title-2', 'keys-key-2', 'keys-fingerprint_sha256-2', 'keys-fingerprint_md5-2', 'keys-usage_type-2', '2026-01-02T03:04:05.000Z', 1, 0, NULL);
insert into kysely_migration ("name", "timestamp") values ('0001-credentials', '2026-11-25T16:19:07.627Z');
insert into kysely_migration ("name", "timestamp") values ('0002-sealed-tokens', '2026-11-25T16:19:07.757Z');
insert into kysely_migration ("name", "timestamp") values ('0003-invitations', '2026-11-25T16:19:07.903Z');
insert into kysely_migration ("name", "timestamp") values ('0004-expiry-notices', '2026-11-25T16:19:07.947Z');
insert into kysely_migration ("name", "timestamp") values ('0005-token-orders', '2026-11-25T16:19:07.959Z');
insert into kysely_migration_lock ("id", "is_locked") values ('migration_lock', 0);
insert into members ("id", "namespace_id", "project_id", "user_id", "access_level", "expires_at", "created_by", "created_at", "updated_at") values (1, 1, NULL, 1, 50, NULL, 1, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into members ("id", "namespace_id", "project_id", "user_id", "access_level", "expires_at", "created_by", "created_at", "updated_at") values (2, NULL, 1, 2, 50, NULL, 2, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into namespaces ("id", "kind", "lineage", "name", "path", "description", "visibility", "created_at", "updated_at", "project_creation_level", "subgroup_creation_level", "parent_id", "owner_id", "archived", "default_branch_protection", "default_branch_protection_defaults") values (1, 'user', '/1/', 'namespaces-name-1', 'root', 'namespaces-description-1', 'private', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'namespaces-project_creation_level-1', 'namespaces-subgroup_creation_level-1', NULL, 1, 0, 1, 'namespaces-default_branch_protection_defaults-1');
insert into namespaces ("id", "kind", "lineage", "name", "path", "description", "visibility", "created_at", "updated_at", "project_creation_level", "subgroup_creation_level", "parent_id", "owner_id", "archived", "default_branch_protection", "default_branch_protection_defaults") values (2, 'user', '/2/', 'namespaces-name-2', 'ada', 'namespaces-description-2', 'private', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'namespaces-project_creation_level-2', 'namespaces-subgroup_creation_level-2', NULL, 2, 0, 2, 'namespaces-default_branch_protection_defaults-2');
insert into notice_runs ("job", "day") values ('notice_runs-job-1', 'notice_runs-day-1');
insert into notice_runs ("job", "day") values ('notice_runs-job-2', 'notice_runs-day-2');
insert into projects ("id", "namespace_id", "creator_id", "name", "path", "description", "visibility", "repository_access_level", "initial_branch", "created_at", "updated_at", "last_activity_at", "default_branch", "archived") values (1, 1, 1, 'projects-name-1', 'projects-path-1', 'projects-description-1', 'private', 'enabled', 'main', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'main', 0);
insert into projects ("id", "namespace_id", "creator_id", "name", "path", "description", "visibility", "repository_access_level", "initial_branch", "created_at", "updated_at", "last_activity_at", "default_branch", "archived") values (2, 2, 2, 'projects-name-2', 'projects-path-2', 'projects-description-2', 'private', 'enabled', 'main', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'main', 0);
insert into protected_ref_levels ("id", "protected_ref_id", "action", "access_level", "user_id", "group_id", "deploy_key_id") values (1, 1, 'push', 40, NULL, NULL, NULL);
insert into protected_ref_levels ("id", "protected_ref_id", "action", "access_level", "user_id", "group_id", "deploy_key_id") values (2, 2, 'push', 40, NULL, NULL, NULL);
insert into protected_refs ("id", "project_id", "kind", "name", "created_at", "allow_force_push", "updated_at") values (1, 1, 'branch', 'main', '2026-01-02T03:04:05.000Z', 0, '2026-01-02T03:04:05.000Z');
insert into protected_refs ("id", "project_id", "kind", "name", "created_at", "allow_force_push", "updated_at") values (2, 1, 'tag', 'v*', '2026-01-02T03:04:05.000Z', 0, '2026-01-02T03:04:05.000Z');
insert into redirects ("path_key", "path", "namespace_id", "project_id") values ('redirects-path_key-1', 'redirects-path-1', 1, NULL);
insert into redirects ("path_key", "path", "namespace_id", "project_id") values ('redirects-path_key-2', 'redirects-path-2', NULL, 1);
insert into routes ("path_key", "path", "namespace_id", "project_id") values ('root', 'root', 1, NULL);
insert into routes ("path_key", "path", "namespace_id", "project_id") values ('root/kept', 'root/kept', NULL, 1);
insert into sealing_keys ("id", "fingerprint", "created_at") values (1, 'sealing_keys-fingerprint-1', '2026-01-02T03:04:05.000Z');
insert into sealing_keys ("id", "fingerprint", "created_at") values (2, 'sealing_keys-fingerprint-2', '2026-01-02T03:04:05.000Z');
insert into security_epoch ("id", "value") values (1, 31);
insert into settings ("key", "value") values ('settings-key-1', 'settings-value-1');
insert into settings ("key", "value") values ('settings-key-2', 'settings-value-2');
insert into triggers ("id", "project_id", "owner_id", "description", "digest", "sealed", "expires_at", "created_at", "updated_at") values (1, 1, 1, 'triggers-description-1', 'triggers-digest-1', 'triggers-sealed-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into triggers ("id", "project_id", "owner_id", "description", "digest", "sealed", "expires_at", "created_at", "updated_at") values (2, 2, 2, 'triggers-description-2', 'triggers-digest-2', 'triggers-sealed-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into user_statuses ("user_id", "emoji", "message", "availability", "clear_status_at") values (1, 'user_statuses-emoji-1', 'user_statuses-message-1', 'user_statuses-availability-1', '2026-01-02T03:04:05.000Z');
insert into user_statuses ("user_id", "emoji", "message", "availability", "clear_status_at") values (2, 'user_statuses-emoji-2', 'user_statuses-message-2', 'user_statuses-availability-2', '2026-01-02T03:04:05.000Z');
insert into user_tokens ("user_id", "kind", "digest", "sealed", "created_at") values (1, 'user_tokens-kind-1', 'user_tokens-digest-1', 'user_tokens-sealed-1', '2026-01-02T03:04:05.000Z');
insert into user_tokens ("user_id", "kind", "digest", "sealed", "created_at") values (2, 'user_tokens-kind-2', 'user_tokens-digest-2', 'user_tokens-sealed-2', '2026-01-02T03:04:05.000Z');
insert into users ("id", "username", "username_key", "name", "email", "email_key", "state", "kind", "created_at", "updated_at", "is_admin", "is_external", "can_create_group", "projects_limit", "confirmed_at", "note", "password_hash", "password_expires_at", "bot_project_id", "bot_group_id", "created_by") values (1, 'root', 'root', 'Administrator', 'user-1@example.com', 'user-1@example.com', 'active', 'human', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 1, 0, 1, 10, '2026-01-02T03:04:05.000Z', 'users-note-1', NULL, NULL, NULL, NULL, 1);
insert into users ("id", "username", "username_key", "name", "email", "email_key", "state", "kind", "created_at", "updated_at", "is_admin", "is_external", "can_create_group", "projects_limit", "confirmed_at", "note", "password_hash", "password_expires_at", "bot_project_id", "bot_group_id", "created_by") values (2, 'ada', 'ada', 'Ada', 'user-2@example.com', 'user-2@example.com', 'active', 'human', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 0, 0, 1, 10, '2026-01-02T03:04:05.000Z', 'users-note-2', NULL, NULL, NULL, NULL, 2);
delete from sqlite_sequence;
insert into sqlite_sequence ("name", "seq") values ('security_epoch', 1);
insert into sqlite_sequence ("name", "seq") values ('users', 2);
insert into sqlite_sequence ("name", "seq") values ('namespaces', 2);
insert into sqlite_sequence ("name", "seq") values ('projects', 2);
insert into sqlite_sequence ("name", "seq") values ('members', 2);
insert into sqlite_sequence ("name", "seq") values ('access_tokens', 2);
insert into sqlite_sequence ("name", "seq") values ('deploy_tokens', 2);
insert into sqlite_sequence ("name", "seq") values ('keys', 2);
insert into sqlite_sequence ("name", "seq") values ('protected_refs', 2);
insert into sqlite_sequence ("name", "seq") values ('protected_ref_levels', 2);
insert into sqlite_sequence ("name", "seq") values ('triggers', 2);
insert into sqlite_sequence ("name", "seq") values ('invitations', 2);
insert into sqlite_sequence ("name", "seq") values ('expiry_notices', 2);
CREATE INDEX access_tokens_by_created_at on access_tokens (created_at);
CREATE UNIQUE INDEX "access_tokens_by_digest" on "access_tokens" ("digest");
CREATE INDEX access_tokens_by_expires_at on access_tokens (expires_at);
CREATE INDEX access_tokens_by_name on access_tokens (lower(name));
CREATE INDEX "access_tokens_by_previous_id" on "access_tokens" ("previous_id");
CREATE INDEX "access_tokens_by_user_id" on "access_tokens" ("user_id");
CREATE UNIQUE INDEX "deploy_key_projects_by_key_id_project_id" on "deploy_key_projects" ("key_id", "project_id");
CREATE INDEX "deploy_key_projects_by_project_id" on "deploy_key_projects" ("project_id");
CREATE UNIQUE INDEX "deploy_tokens_by_digest" on "deploy_tokens" ("digest");
CREATE INDEX deploy_tokens_by_expires_at on deploy_tokens (expires_at);
CREATE INDEX "deploy_tokens_by_group_id" on "deploy_tokens" ("group_id");
CREATE INDEX "deploy_tokens_by_project_id" on "deploy_tokens" ("project_id");
CREATE UNIQUE INDEX expiry_notices_by_access_token on expiry_notices (access_token_id, days, user_id);
CREATE UNIQUE INDEX expiry_notices_by_deploy_token on expiry_notices (deploy_token_id, days, user_id);
CREATE INDEX expiry_notices_by_state on expiry_notices (state, user_id);
CREATE INDEX expiry_notices_by_user on expiry_notices (user_id);
CREATE INDEX "invitations_by_created_by" on "invitations" ("created_by");
CREATE INDEX "invitations_by_email_key" on "invitations" ("email_key");
CREATE UNIQUE INDEX "invitations_by_namespace_id_email_key" on "invitations" ("namespace_id", "email_key");
CREATE UNIQUE INDEX "invitations_by_project_id_email_key" on "invitations" ("project_id", "email_key");
CREATE UNIQUE INDEX "keys_by_fingerprint_sha256" on "keys" ("fingerprint_sha256");
CREATE INDEX "keys_by_user_id" on "keys" ("user_id");
CREATE UNIQUE INDEX "members_by_namespace_id_user_id" on "members" ("namespace_id", "user_id");
CREATE UNIQUE INDEX "members_by_project_id_user_id" on "members" ("project_id", "user_id");
CREATE INDEX "members_by_user_id" on "members" ("user_id");
CREATE INDEX "namespaces_by_kind_name" on "namespaces" ("kind", "name");
CREATE INDEX "namespaces_by_owner_id" on "namespaces" ("owner_id");
CREATE INDEX "namespaces_by_parent_id" on "namespaces" ("parent_id");
CREATE INDEX "projects_by_creator_id" on "projects" ("creator_id");
CREATE INDEX "projects_by_namespace_id" on "projects" ("namespace_id");
CREATE INDEX "protected_ref_levels_by_deploy_key_id" on "protected_ref_levels" ("deploy_key_id");
CREATE INDEX "protected_ref_levels_by_protected_ref_id" on "protected_ref_levels" ("protected_ref_id");
CREATE UNIQUE INDEX "protected_refs_by_project_id_kind_name" on "protected_refs" ("project_id", "kind", "name");
CREATE INDEX "redirects_by_namespace_id" on "redirects" ("namespace_id");
CREATE INDEX "redirects_by_project_id" on "redirects" ("project_id");
CREATE INDEX "routes_by_namespace_id" on "routes" ("namespace_id");
CREATE INDEX "routes_by_project_id" on "routes" ("project_id");
CREATE INDEX "triggers_by_owner_id" on "triggers" ("owner_id");
CREATE INDEX "triggers_by_project_id" on "triggers" ("project_id");
CREATE INDEX "users_by_bot_group_id" on "users" ("bot_group_id");
CREATE INDEX "users_by_bot_project_id" on "users" ("bot_project_id");
CREATE INDEX "users_by_created_at" on "users" ("created_at");
CREATE UNIQUE INDEX "users_by_email_key" on "users" ("email_key");
CREATE INDEX "users_by_name" on "users" ("name");
CREATE INDEX "users_by_updated_at" on "users" ("updated_at");
CREATE INDEX "users_by_username" on "users" ("username");
CREATE UNIQUE INDEX "users_by_username_key" on "users" ("username_key");
CREATE TRIGGER "access_tokens_delete_raises_epoch" after delete on "access_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "access_tokens_insert_raises_epoch" after insert on "access_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "access_tokens_update_raises_epoch" after update on "access_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "deploy_key_projects_delete_raises_epoch" after delete on "deploy_key_projects"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "deploy_key_projects_insert_raises_epoch" after insert on "deploy_key_projects"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "deploy_key_projects_update_raises_epoch" after update on "deploy_key_projects"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "deploy_tokens_delete_raises_epoch" after delete on "deploy_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "deploy_tokens_insert_raises_epoch" after insert on "deploy_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "deploy_tokens_update_raises_epoch" after update on "deploy_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "keys_delete_raises_epoch" after delete on "keys"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "keys_insert_raises_epoch" after insert on "keys"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "keys_update_raises_epoch" after update on "keys"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "members_delete_raises_epoch" after delete on "members"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "members_insert_raises_epoch" after insert on "members"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "members_update_raises_epoch" after update on "members"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "namespaces_delete_raises_epoch" after delete on "namespaces"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "namespaces_insert_raises_epoch" after insert on "namespaces"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "namespaces_update_raises_epoch" after update on "namespaces"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "projects_delete_raises_epoch" after delete on "projects"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "projects_insert_raises_epoch" after insert on "projects"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "projects_update_raises_epoch" after update on "projects"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "protected_ref_levels_delete_raises_epoch" after delete on "protected_ref_levels"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "protected_ref_levels_insert_raises_epoch" after insert on "protected_ref_levels"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "protected_ref_levels_update_raises_epoch" after update on "protected_ref_levels"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "protected_refs_delete_raises_epoch" after delete on "protected_refs"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "protected_refs_insert_raises_epoch" after insert on "protected_refs"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "protected_refs_update_raises_epoch" after update on "protected_refs"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "redirects_delete_raises_epoch" after delete on "redirects"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "redirects_insert_raises_epoch" after insert on "redirects"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "redirects_update_raises_epoch" after update on "redirects"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "routes_delete_raises_epoch" after delete on "routes"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "routes_insert_raises_epoch" after insert on "routes"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "routes_update_raises_epoch" after update on "routes"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "settings_delete_raises_epoch" after delete on "settings"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "settings_insert_raises_epoch" after insert on "settings"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "settings_update_raises_epoch" after update on "settings"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "triggers_delete_raises_epoch" after delete on "triggers"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "triggers_insert_raises_epoch" after insert on "triggers"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "triggers_update_raises_epoch" after update on "triggers"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "user_tokens_delete_raises_epoch" after delete on "user_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "user_tokens_insert_raises_epoch" after insert on "user_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "user_tokens_update_raises_epoch" after update on "user_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "users_delete_raises_epoch" after delete on "users"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "users_insert_raises_epoch" after insert on "users"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "users_update_raises_epoch" after update on "users"
      begin update security_epoch set value = value + 1 where id = 1; end;
