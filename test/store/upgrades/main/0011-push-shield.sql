pragma foreign_keys = off;
CREATE TABLE "access_tokens" ("id" integer primary key autoincrement, "user_id" integer not null references "users" ("id") on delete cascade, "name" text not null, "digest" text not null, "scopes" text not null, "created_at" text not null, "impersonation" integer not null, "revoked" integer not null, "description" text, "expires_at" text, "previous_id" integer, "created_by" integer references "users" ("id") on delete set null);
CREATE TABLE "deploy_key_projects" ("key_id" integer not null references "keys" ("id") on delete cascade, "project_id" integer not null references "projects" ("id") on delete cascade, "can_push" integer not null, "created_at" text not null);
CREATE TABLE "deploy_tokens" ("id" integer primary key autoincrement, "project_id" integer references "projects" ("id") on delete cascade, "group_id" integer references "namespaces" ("id") on delete cascade, "name" text not null, "username" text not null, "digest" text not null, "scopes" text not null, "created_at" text not null, "revoked" integer not null, "expires_at" text, "created_by" integer references "users" ("id") on delete set null, "sealed" text);
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
CREATE TABLE "job_artifacts" ("id" integer primary key autoincrement, "job_id" integer not null references "jobs" ("id") on delete cascade, "file_type" text not null, "file_format" text not null, "filename" text not null, "sha256" text not null, "created_at" text not null, "size" integer not null, "expires_at" text);
CREATE TABLE "job_queue" ("id" integer primary key autoincrement, "value" integer not null);
CREATE TABLE "job_token_allowlist" ("id" integer primary key autoincrement, "project_id" integer not null references "projects" ("id") on delete cascade, "allowed_project_id" integer references "projects" ("id") on delete cascade, "allowed_group_id" integer references "namespaces" ("id") on delete cascade, "created_by" integer references "users" ("id") on delete set null, "created_at" text not null);
CREATE TABLE "jobs" ("id" integer primary key autoincrement, "project_id" integer not null references "projects" ("id") on delete cascade, "pipeline_id" integer references "pipelines" ("id") on delete cascade, "user_id" integer references "users" ("id") on delete set null, "runner_id" integer references "runners" ("id") on delete set null, "kind" text not null, "name" text not null, "stage" text not null, "status" text not null, "ref" text not null, "sha" text not null, "when_to_run" text not null, "created_at" text not null, "allow_failure" text not null, "retry" text not null, "tags" text not null, "options" text not null, "variables" text not null, "stage_index" integer not null, "position" integer not null, "tag" integer not null, "attempt" integer not null, "retried" integer not null, "timeout" integer not null, "protected" integer not null, "needs" text, "runner_system" text, "token_digest" text, "deadline" text, "heard_at" text, "failure_reason" text, "masks" text, "artifacts_expired_at" text, "scheduled_at" text, "queued_at" text, "started_at" text, "finished_at" text, "erased_at" text, "start_in" integer, "exit_code" integer);
CREATE TABLE "keys" ("id" integer primary key autoincrement, "kind" text not null, "title" text not null, "key" text not null, "fingerprint_sha256" text not null, "fingerprint_md5" text not null, "usage_type" text not null, "created_at" text not null, "user_id" integer references "users" ("id") on delete set null, "public" integer not null, "expires_at" text);
CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE "members" ("id" integer primary key autoincrement, "namespace_id" integer references "namespaces" ("id") on delete cascade, "project_id" integer references "projects" ("id") on delete cascade, "user_id" integer not null references "users" ("id") on delete cascade, "access_level" integer not null, "expires_at" text, "created_by" integer references "users" ("id") on delete set null, "created_at" text not null, updated_at text);
CREATE TABLE "namespaces" ("id" integer primary key autoincrement, "kind" text not null, "lineage" text not null, "name" text not null, "path" text not null, "description" text not null, "visibility" text not null, "created_at" text not null, "updated_at" text not null, "project_creation_level" text not null, "subgroup_creation_level" text not null, "parent_id" integer references "namespaces" ("id") on delete cascade, "owner_id" integer references "users" ("id") on delete cascade, "archived" integer not null, "default_branch_protection" integer, default_branch_protection_defaults text);
CREATE TABLE notice_runs (job text primary key, day text not null);
CREATE TABLE "oauth_applications" ("id" integer primary key autoincrement, "uid" text not null, "name" text not null, "redirect_uris" text not null, "scopes" text not null, "created_at" text not null, "updated_at" text not null, "confidential" integer not null, "trusted" integer not null, "secret_digest" text, "owner_id" integer references "users" ("id") on delete cascade);
CREATE TABLE "oauth_codes" ("id" integer primary key autoincrement, "application_id" integer not null references "oauth_applications" ("id") on delete cascade, "user_id" integer not null references "users" ("id") on delete cascade, "digest" text not null, "redirect_uri" text not null, "scopes" text not null, "auth_time" text not null, "family" text not null, "created_at" text not null, "expires_at" text not null, "challenge" text, "challenge_method" text, "nonce" text, "used_at" text);
CREATE TABLE "oauth_devices" ("id" integer primary key autoincrement, "application_id" integer not null references "oauth_applications" ("id") on delete cascade, "user_id" integer references "users" ("id") on delete cascade, "device_digest" text not null, "user_code_digest" text not null, "scopes" text not null, "state" text not null, "created_at" text not null, "expires_at" text not null, "poll_interval" integer not null, "answered_at" text, "polled_at" text);
CREATE TABLE "oauth_tokens" ("id" integer primary key autoincrement, "application_id" integer not null references "oauth_applications" ("id") on delete cascade, "user_id" integer references "users" ("id") on delete cascade, "access_digest" text not null, "scopes" text not null, "family" text not null, "created_at" text not null, "expires_at" text not null, "refresh_digest" text, "auth_time" text, "revoked_at" text);
CREATE TABLE "pipeline_variables" ("id" integer primary key autoincrement, "pipeline_id" integer not null references "pipelines" ("id") on delete cascade, "key" text not null, "sealed" text not null, "variable_type" text not null, "raw" integer not null);
CREATE TABLE "pipelines" ("id" integer primary key autoincrement, "project_id" integer not null references "projects" ("id") on delete cascade, "user_id" integer references "users" ("id") on delete set null, "trigger_id" integer references "triggers" ("id") on delete set null, "sha" text not null, "before_sha" text not null, "ref" text not null, "source" text not null, "status" text not null, "created_at" text not null, "updated_at" text not null, "iid" integer not null, "tag" integer not null, "name" text, "yaml_errors" text, "started_at" text, "finished_at" text);
CREATE TABLE "project_ci_settings" ("project_id" integer primary key references "projects" ("id") on delete cascade, "inbound_enabled" integer not null, "push_allowed" integer not null, "jobs_enabled" integer not null, "public_jobs" integer not null, "shared_runners_enabled" integer not null, "group_runners_enabled" integer not null, "build_timeout" integer not null, "default_git_depth" integer not null, "config_path" text);
CREATE TABLE "projects" ("id" integer primary key autoincrement, "namespace_id" integer not null references "namespaces" ("id") on delete cascade, "creator_id" integer references "users" ("id") on delete set null, "name" text not null, "path" text not null, "description" text not null, "visibility" text not null, "repository_access_level" text not null, "initial_branch" text not null, "created_at" text not null, "updated_at" text not null, "last_activity_at" text not null, "default_branch" text, "archived" integer not null, "container_registry_access_level" text default 'enabled' not null, "push_shield" integer default 1 not null, "push_shield_revokes" integer default 0 not null);
CREATE TABLE "protected_ref_levels" ("id" integer primary key autoincrement, "protected_ref_id" integer not null references "protected_refs" ("id") on delete cascade, "action" text not null, "access_level" integer, "user_id" integer references "users" ("id") on delete cascade, "group_id" integer references "namespaces" ("id") on delete cascade, "deploy_key_id" integer references "keys" ("id") on delete cascade);
CREATE TABLE "protected_refs" ("id" integer primary key autoincrement, "project_id" integer not null references "projects" ("id") on delete cascade, "kind" text not null, "name" text not null, "created_at" text not null, "allow_force_push" integer not null, updated_at text);
CREATE TABLE "recovery_codes" ("user_id" integer not null references "users" ("id") on delete cascade, "digest" text not null, constraint "recovery_codes_primary_key" primary key ("user_id", "digest"));
CREATE TABLE "redirects" ("path_key" text primary key, "path" text not null, "namespace_id" integer references "namespaces" ("id") on delete cascade, "project_id" integer references "projects" ("id") on delete cascade);
CREATE TABLE "registration_tokens" ("id" integer primary key autoincrement, "group_id" integer references "namespaces" ("id") on delete cascade, "project_id" integer references "projects" ("id") on delete cascade, "digest" text not null, "sealed" text not null, "created_at" text not null);
CREATE TABLE "routes" ("path_key" text primary key, "path" text not null, "namespace_id" integer references "namespaces" ("id") on delete cascade, "project_id" integer references "projects" ("id") on delete cascade);
CREATE TABLE "runner_projects" ("runner_id" integer not null references "runners" ("id") on delete cascade, "project_id" integer not null references "projects" ("id") on delete cascade, "owner" integer not null, constraint "runner_projects_primary_key" primary key ("runner_id", "project_id"));
CREATE TABLE "runners" ("id" integer primary key autoincrement, "group_id" integer references "namespaces" ("id") on delete cascade, "creator_id" integer references "users" ("id") on delete set null, "runner_type" text not null, "registration" text not null, "token_digest" text not null, "description" text not null, "tags" text not null, "access_level" text not null, "created_at" text not null, "updated_at" text not null, "paused" integer not null, "locked" integer not null, "run_untagged" integer not null, "token_expires_at" text, "maintenance_note" text, "maximum_timeout" integer);
CREATE TABLE "sealing_keys" ("id" integer primary key, "fingerprint" text not null, "created_at" text not null);
CREATE TABLE "security_epoch" ("id" integer primary key autoincrement, "value" integer not null);
CREATE TABLE "settings" ("key" text primary key, "value" text not null);
CREATE TABLE "triggers" ("id" integer primary key autoincrement, "project_id" integer not null references "projects" ("id") on delete cascade, "owner_id" integer not null references "users" ("id") on delete cascade, "description" text not null, "digest" text not null unique, "sealed" text not null, "expires_at" text, "created_at" text not null, "updated_at" text not null);
CREATE TABLE "trust_grants" ("id" integer primary key autoincrement, "trust_id" integer not null references "trusts" ("id") on delete cascade, "project_id" integer references "projects" ("id") on delete cascade, "group_id" integer references "namespaces" ("id") on delete cascade, "kind" text not null, "scopes" text not null, "subject" text not null, "created_at" text not null, "expires_at" text not null, "digest" text, "fingerprint" text);
CREATE TABLE "trust_refusals" ("id" integer primary key autoincrement, "trust_id" integer not null references "trusts" ("id") on delete cascade, "refusal_id" text not null, "reason" text not null, "details" text not null, "created_at" text not null, "verified" integer not null);
CREATE TABLE "trust_uses" ("token" text primary key, "expires_at" text not null);
CREATE TABLE "trusts" ("id" integer primary key autoincrement, "project_id" integer references "projects" ("id") on delete cascade, "group_id" integer references "namespaces" ("id") on delete cascade, "name" text not null, "issuer" text not null, "audience" text not null, "claims" text not null, "scopes" text not null, "refs" text not null, "created_at" text not null, "updated_at" text not null, "jwks_uri" text, "enabled" integer not null, "access_level" integer not null, "life" integer not null, "single_use" integer not null, "sponsor_id" integer references "users" ("id") on delete set null);
CREATE TABLE "two_factor" ("user_id" integer primary key references "users" ("id") on delete cascade, "sealed" text not null, "last_step" integer not null, "created_at" text not null);
CREATE TABLE "user_statuses" ("user_id" integer primary key references "users" ("id") on delete cascade, "emoji" text not null, "message" text not null, "availability" text not null, "clear_status_at" text);
CREATE TABLE "user_tokens" ("user_id" integer not null references "users" ("id") on delete cascade, "kind" text not null, "digest" text not null unique, "sealed" text not null, "created_at" text not null, constraint "user_tokens_primary_key" primary key ("user_id", "kind"));
CREATE TABLE "users" ("id" integer primary key autoincrement, "username" text not null, "username_key" text not null, "name" text not null, "email" text not null, "email_key" text not null, "state" text not null, "kind" text not null, "created_at" text not null, "updated_at" text not null, "is_admin" integer not null, "is_external" integer not null, "can_create_group" integer not null, "projects_limit" integer not null, "confirmed_at" text, "note" text, "password_hash" text, "password_expires_at" text, "bot_project_id" integer, "bot_group_id" integer, "created_by" integer, two_factor_enabled integer not null default 0);
CREATE TABLE "variables" ("id" integer primary key autoincrement, "project_id" integer references "projects" ("id") on delete cascade, "group_id" integer references "namespaces" ("id") on delete cascade, "key" text not null, "sealed" text not null, "variable_type" text not null, "environment_scope" text not null, "created_at" text not null, "updated_at" text not null, "protected" integer not null, "masked" integer not null, "hidden" integer not null, "raw" integer not null, "description" text);
CREATE TABLE "web_sessions" ("id" integer primary key autoincrement, "user_id" integer not null references "users" ("id") on delete cascade, "digest" text not null unique, "stage" text not null, "failures" integer not null, "created_at" text not null, "seen_at" text not null, "ends_at" text not null);
insert into access_tokens ("id", "user_id", "name", "digest", "scopes", "created_at", "impersonation", "revoked", "description", "expires_at", "previous_id", "created_by") values (1, 1, 'access_tokens-name-1', '39bbd51edf618f7ed229a4dfed8953962148bc48a4411e9abecdee9721bf8adc', '["api"]', '2026-01-02T03:04:05.000Z', 0, 0, 'access_tokens-description-1', NULL, NULL, 1);
insert into access_tokens ("id", "user_id", "name", "digest", "scopes", "created_at", "impersonation", "revoked", "description", "expires_at", "previous_id", "created_by") values (2, 1, 'access_tokens-name-2', 'bc9af5417c50ae713a37dad93704d6527376e890486a5a3e2018565266f326b2', '["api"]', '2026-01-02T03:04:05.000Z', 0, 1, 'access_tokens-description-2', NULL, NULL, 2);
insert into deploy_key_projects ("key_id", "project_id", "can_push", "created_at") values (1, 1, 1, '2026-01-02T03:04:05.000Z');
insert into deploy_key_projects ("key_id", "project_id", "can_push", "created_at") values (2, 2, 2, '2026-01-02T03:04:05.000Z');
insert into deploy_tokens ("id", "project_id", "group_id", "name", "username", "digest", "scopes", "created_at", "revoked", "expires_at", "created_by", "sealed") values (1, 1, 1, 'deploy_tokens-name-1', 'deploy_tokens-username-1', 'deploy_tokens-digest-1', 'deploy_tokens-scopes-1', '2026-01-02T03:04:05.000Z', 1, '2026-01-02T03:04:05.000Z', 1, 'deploy_tokens-sealed-1');
insert into deploy_tokens ("id", "project_id", "group_id", "name", "username", "digest", "scopes", "created_at", "revoked", "expires_at", "created_by", "sealed") values (2, 2, 2, 'deploy_tokens-name-2', 'deploy_tokens-username-2', 'deploy_tokens-digest-2', 'deploy_tokens-scopes-2', '2026-01-02T03:04:05.000Z', 2, '2026-01-02T03:04:05.000Z', 2, 'deploy_tokens-sealed-2');
insert into expiry_notices ("id", "access_token_id", "deploy_token_id", "days", "user_id", "state", "tries", "not_before") values (1, 1, 1, 1, 1, 'expiry_notices-state-1', 1, 'expiry_notices-not_before-1');
insert into expiry_notices ("id", "access_token_id", "deploy_token_id", "days", "user_id", "state", "tries", "not_before") values (2, 2, 2, 2, 2, 'expiry_notices-state-2', 2, 'expiry_notices-not_before-2');
insert into invitations ("id", "namespace_id", "project_id", "email", "email_key", "access_level", "expires_at", "created_by", "created_at") values (1, 1, 1, 'invitations-email-1', 'invitations-email_key-1', 1, '2026-01-02T03:04:05.000Z', 1, '2026-01-02T03:04:05.000Z');
insert into invitations ("id", "namespace_id", "project_id", "email", "email_key", "access_level", "expires_at", "created_by", "created_at") values (2, 2, 2, 'invitations-email-2', 'invitations-email_key-2', 2, '2026-01-02T03:04:05.000Z', 2, '2026-01-02T03:04:05.000Z');
insert into job_artifacts ("id", "job_id", "file_type", "file_format", "filename", "sha256", "created_at", "size", "expires_at") values (1, 1, 'job_artifacts-file_type-1', 'job_artifacts-file_format-1', 'job_artifacts-filename-1', 'job_artifacts-sha256-1', '2026-01-02T03:04:05.000Z', 1, '2026-01-02T03:04:05.000Z');
insert into job_artifacts ("id", "job_id", "file_type", "file_format", "filename", "sha256", "created_at", "size", "expires_at") values (2, 2, 'job_artifacts-file_type-2', 'job_artifacts-file_format-2', 'job_artifacts-filename-2', 'job_artifacts-sha256-2', '2026-01-02T03:04:05.000Z', 2, '2026-01-02T03:04:05.000Z');
insert into job_queue ("id", "value") values (1, 5);
insert into job_token_allowlist ("id", "project_id", "allowed_project_id", "allowed_group_id", "created_by", "created_at") values (1, 1, 1, 1, 1, '2026-01-02T03:04:05.000Z');
insert into job_token_allowlist ("id", "project_id", "allowed_project_id", "allowed_group_id", "created_by", "created_at") values (2, 2, 2, 2, 2, '2026-01-02T03:04:05.000Z');
insert into jobs ("id", "project_id", "pipeline_id", "user_id", "runner_id", "kind", "name", "stage", "status", "ref", "sha", "when_to_run", "created_at", "allow_failure", "retry", "tags", "options", "variables", "stage_index", "position", "tag", "attempt", "retried", "timeout", "protected", "needs", "runner_system", "token_digest", "deadline", "heard_at", "failure_reason", "masks", "artifacts_expired_at", "scheduled_at", "queued_at", "started_at", "finished_at", "erased_at", "start_in", "exit_code") values (1, 1, 1, 1, 1, 'jobs-kind-1', 'jobs-name-1', 'jobs-stage-1', 'jobs-status-1', 'jobs-ref-1', 'jobs-sha-1', 'jobs-when_to_run-1', '2026-01-02T03:04:05.000Z', 'jobs-allow_failure-1', 'jobs-retry-1', 'jobs-tags-1', 'jobs-options-1', 'jobs-variables-1', 1, 1, 1, 1, 1, 1, 1, 'jobs-needs-1', 'jobs-runner_system-1', 'jobs-token_digest-1', 'jobs-deadline-1', '2026-01-02T03:04:05.000Z', 'jobs-failure_reason-1', 'jobs-masks-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 1, 1);
insert into jobs ("id", "project_id", "pipeline_id", "user_id", "runner_id", "kind", "name", "stage", "status", "ref", "sha", "when_to_run", "created_at", "allow_failure", "retry", "tags", "options", "variables", "stage_index", "position", "tag", "attempt", "retried", "timeout", "protected", "needs", "runner_system", "token_digest", "deadline", "heard_at", "failure_reason", "masks", "artifacts_expired_at", "scheduled_at", "queued_at", "started_at", "finished_at", "erased_at", "start_in", "exit_code") values (2, 2, 2, 2, 2, 'jobs-kind-2', 'jobs-name-2', 'jobs-stage-2', 'jobs-status-2', 'jobs-ref-2', 'jobs-sha-2', 'jobs-when_to_run-2', '2026-01-02T03:04:05.000Z', 'jobs-allow_failure-2', 'jobs-retry-2', 'jobs-tags-2', 'jobs-options-2', 'jobs-variables-2', 2, 2, 2, 2, 2, 2, 2, 'jobs-needs-2', 'jobs-runner_system-2', 'jobs-token_digest-2', 'jobs-deadline-2', '2026-01-02T03:04:05.000Z', 'jobs-failure_reason-2', 'jobs-masks-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 2, 2);
insert into keys ("id", "kind", "title", "key", "fingerprint_sha256", "fingerprint_md5", "usage_type", "created_at", "user_id", "public", "expires_at") values (1, 'user', 'keys-title-1', 'keys-key-1', 'keys-fingerprint_sha256-1', 'keys-fingerprint_md5-1', 'keys-usage_type-1', '2026-01-02T03:04:05.000Z', 1, 0, NULL);
insert into keys ("id", "kind", "title", "key", "fingerprint_sha256", "fingerprint_md5", "usage_type", "created_at", "user_id", "public", "expires_at") values (2, 'deploy', 'keys-title-2', 'keys-key-2', 'keys-fingerprint_sha256-2', 'keys-fingerprint_md5-2', 'keys-usage_type-2', '2026-01-02T03:04:05.000Z', 1, 0, NULL);
insert into kysely_migration ("name", "timestamp") values ('0001-credentials', '2026-11-25T17:45:20.982Z');
insert into kysely_migration ("name", "timestamp") values ('0002-sealed-tokens', '2026-11-25T17:45:21.264Z');
insert into kysely_migration ("name", "timestamp") values ('0003-invitations', '2026-11-25T17:45:22.112Z');
insert into kysely_migration ("name", "timestamp") values ('0004-expiry-notices', '2026-11-25T17:45:22.164Z');
insert into kysely_migration ("name", "timestamp") values ('0005-token-orders', '2026-11-25T17:45:22.188Z');
insert into kysely_migration ("name", "timestamp") values ('0006-pipelines', '2026-11-25T17:45:23.110Z');
insert into kysely_migration ("name", "timestamp") values ('0007-oauth', '2026-11-25T17:45:23.251Z');
insert into kysely_migration ("name", "timestamp") values ('0008-web-sessions', '2026-11-25T17:45:23.272Z');
insert into kysely_migration ("name", "timestamp") values ('0009-trusts', '2026-11-25T17:45:23.528Z');
insert into kysely_migration ("name", "timestamp") values ('0010-registry', '2026-11-25T17:45:23.548Z');
insert into kysely_migration ("name", "timestamp") values ('0011-push-shield', '2026-11-25T17:45:23.655Z');
insert into kysely_migration_lock ("id", "is_locked") values ('migration_lock', 0);
insert into members ("id", "namespace_id", "project_id", "user_id", "access_level", "expires_at", "created_by", "created_at", "updated_at") values (1, 1, NULL, 1, 50, NULL, 1, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into members ("id", "namespace_id", "project_id", "user_id", "access_level", "expires_at", "created_by", "created_at", "updated_at") values (2, NULL, 1, 2, 50, NULL, 2, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into namespaces ("id", "kind", "lineage", "name", "path", "description", "visibility", "created_at", "updated_at", "project_creation_level", "subgroup_creation_level", "parent_id", "owner_id", "archived", "default_branch_protection", "default_branch_protection_defaults") values (1, 'user', '/1/', 'namespaces-name-1', 'root', 'namespaces-description-1', 'private', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'namespaces-project_creation_level-1', 'namespaces-subgroup_creation_level-1', NULL, 1, 0, 1, 'namespaces-default_branch_protection_defaults-1');
insert into namespaces ("id", "kind", "lineage", "name", "path", "description", "visibility", "created_at", "updated_at", "project_creation_level", "subgroup_creation_level", "parent_id", "owner_id", "archived", "default_branch_protection", "default_branch_protection_defaults") values (2, 'user', '/2/', 'namespaces-name-2', 'ada', 'namespaces-description-2', 'private', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'namespaces-project_creation_level-2', 'namespaces-subgroup_creation_level-2', NULL, 2, 0, 2, 'namespaces-default_branch_protection_defaults-2');
insert into notice_runs ("job", "day") values ('notice_runs-job-1', 'notice_runs-day-1');
insert into notice_runs ("job", "day") values ('notice_runs-job-2', 'notice_runs-day-2');
insert into oauth_applications ("id", "uid", "name", "redirect_uris", "scopes", "created_at", "updated_at", "confidential", "trusted", "secret_digest", "owner_id") values (1, '172b9f227872b5dde33f4d9b1db06a6a5515ae79508e7a00c973c85ce490671e', 'Git Credential Manager', '["http://127.0.0.1/"]', '["read_repository","write_repository"]', '2026-11-25T17:45:23.243Z', '2026-11-25T17:45:23.243Z', 0, 0, '4f454f2aacac4152f30ffe3bfc4753ebe0609e3210e314ae4444423486ad4534', NULL);
insert into oauth_applications ("id", "uid", "name", "redirect_uris", "scopes", "created_at", "updated_at", "confidential", "trusted", "secret_digest", "owner_id") values (2, '10bfbbf46e5b760b55ce772a262d7a0205eacc417816eb84d37d0fb02c89bb97', 'git-credential-oauth', '["http://127.0.0.1/"]', '["read_repository","write_repository"]', '2026-11-25T17:45:23.243Z', '2026-11-25T17:45:23.243Z', 0, 0, 'db6b4c8dc379253fe9240eed2c4c594bb581d599e9d9e58e7683e65181f7585e', NULL);
insert into oauth_applications ("id", "uid", "name", "redirect_uris", "scopes", "created_at", "updated_at", "confidential", "trusted", "secret_digest", "owner_id") values (3, '41d48f9422ebd655dd9cf2947d6979681dfaddc6d0c56f7628f6ada59559af1e', 'GitLab CLI (glab)', '["http://localhost:7171/auth/redirect"]', '["openid","profile","read_user","write_repository","api"]', '2026-11-25T17:45:23.243Z', '2026-11-25T17:45:23.243Z', 0, 0, NULL, NULL);
insert into oauth_codes ("id", "application_id", "user_id", "digest", "redirect_uri", "scopes", "auth_time", "family", "created_at", "expires_at", "challenge", "challenge_method", "nonce", "used_at") values (1, 1, 1, 'oauth_codes-digest-1', 'oauth_codes-redirect_uri-1', 'oauth_codes-scopes-1', 'oauth_codes-auth_time-1', 'oauth_codes-family-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'oauth_codes-challenge-1', 'oauth_codes-challenge_method-1', 'oauth_codes-nonce-1', '2026-01-02T03:04:05.000Z');
insert into oauth_codes ("id", "application_id", "user_id", "digest", "redirect_uri", "scopes", "auth_time", "family", "created_at", "expires_at", "challenge", "challenge_method", "nonce", "used_at") values (2, 2, 2, 'oauth_codes-digest-2', 'oauth_codes-redirect_uri-2', 'oauth_codes-scopes-2', 'oauth_codes-auth_time-2', 'oauth_codes-family-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'oauth_codes-challenge-2', 'oauth_codes-challenge_method-2', 'oauth_codes-nonce-2', '2026-01-02T03:04:05.000Z');
insert into oauth_devices ("id", "application_id", "user_id", "device_digest", "user_code_digest", "scopes", "state", "created_at", "expires_at", "poll_interval", "answered_at", "polled_at") values (1, 1, 1, 'oauth_devices-device_digest-1', 'oauth_devices-user_code_digest-1', 'oauth_devices-scopes-1', 'oauth_devices-state-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 1, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into oauth_devices ("id", "application_id", "user_id", "device_digest", "user_code_digest", "scopes", "state", "created_at", "expires_at", "poll_interval", "answered_at", "polled_at") values (2, 2, 2, 'oauth_devices-device_digest-2', 'oauth_devices-user_code_digest-2', 'oauth_devices-scopes-2', 'oauth_devices-state-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 2, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into oauth_tokens ("id", "application_id", "user_id", "access_digest", "scopes", "family", "created_at", "expires_at", "refresh_digest", "auth_time", "revoked_at") values (1, 1, 1, 'oauth_tokens-access_digest-1', 'oauth_tokens-scopes-1', 'oauth_tokens-family-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'oauth_tokens-refresh_digest-1', 'oauth_tokens-auth_time-1', '2026-01-02T03:04:05.000Z');
insert into oauth_tokens ("id", "application_id", "user_id", "access_digest", "scopes", "family", "created_at", "expires_at", "refresh_digest", "auth_time", "revoked_at") values (2, 2, 2, 'oauth_tokens-access_digest-2', 'oauth_tokens-scopes-2', 'oauth_tokens-family-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'oauth_tokens-refresh_digest-2', 'oauth_tokens-auth_time-2', '2026-01-02T03:04:05.000Z');
insert into pipeline_variables ("id", "pipeline_id", "key", "sealed", "variable_type", "raw") values (1, 1, 'pipeline_variables-key-1', 'pipeline_variables-sealed-1', 'pipeline_variables-variable_type-1', 1);
insert into pipeline_variables ("id", "pipeline_id", "key", "sealed", "variable_type", "raw") values (2, 2, 'pipeline_variables-key-2', 'pipeline_variables-sealed-2', 'pipeline_variables-variable_type-2', 2);
insert into pipelines ("id", "project_id", "user_id", "trigger_id", "sha", "before_sha", "ref", "source", "status", "created_at", "updated_at", "iid", "tag", "name", "yaml_errors", "started_at", "finished_at") values (1, 1, 1, 1, 'pipelines-sha-1', 'pipelines-before_sha-1', 'pipelines-ref-1', 'pipelines-source-1', 'pipelines-status-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 1, 1, 'pipelines-name-1', 'pipelines-yaml_errors-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into pipelines ("id", "project_id", "user_id", "trigger_id", "sha", "before_sha", "ref", "source", "status", "created_at", "updated_at", "iid", "tag", "name", "yaml_errors", "started_at", "finished_at") values (2, 2, 2, 2, 'pipelines-sha-2', 'pipelines-before_sha-2', 'pipelines-ref-2', 'pipelines-source-2', 'pipelines-status-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 2, 2, 'pipelines-name-2', 'pipelines-yaml_errors-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into project_ci_settings ("project_id", "inbound_enabled", "push_allowed", "jobs_enabled", "public_jobs", "shared_runners_enabled", "group_runners_enabled", "build_timeout", "default_git_depth", "config_path") values (1, 1, 1, 1, 1, 1, 1, 1, 1, 'project_ci_settings-config_path-1');
insert into project_ci_settings ("project_id", "inbound_enabled", "push_allowed", "jobs_enabled", "public_jobs", "shared_runners_enabled", "group_runners_enabled", "build_timeout", "default_git_depth", "config_path") values (2, 2, 2, 2, 2, 2, 2, 2, 2, 'project_ci_settings-config_path-2');
insert into projects ("id", "namespace_id", "creator_id", "name", "path", "description", "visibility", "repository_access_level", "initial_branch", "created_at", "updated_at", "last_activity_at", "default_branch", "archived", "container_registry_access_level", "push_shield", "push_shield_revokes") values (1, 1, 1, 'projects-name-1', 'projects-path-1', 'projects-description-1', 'private', 'enabled', 'main', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'main', 0, 'projects-container_registry_access_level-1', 1, 1);
insert into projects ("id", "namespace_id", "creator_id", "name", "path", "description", "visibility", "repository_access_level", "initial_branch", "created_at", "updated_at", "last_activity_at", "default_branch", "archived", "container_registry_access_level", "push_shield", "push_shield_revokes") values (2, 2, 2, 'projects-name-2', 'projects-path-2', 'projects-description-2', 'private', 'enabled', 'main', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'main', 0, 'projects-container_registry_access_level-2', 2, 2);
insert into protected_ref_levels ("id", "protected_ref_id", "action", "access_level", "user_id", "group_id", "deploy_key_id") values (1, 1, 'push', 40, NULL, NULL, NULL);
insert into protected_ref_levels ("id", "protected_ref_id", "action", "access_level", "user_id", "group_id", "deploy_key_id") values (2, 2, 'push', 40, NULL, NULL, NULL);
insert into protected_refs ("id", "project_id", "kind", "name", "created_at", "allow_force_push", "updated_at") values (1, 1, 'branch', 'main', '2026-01-02T03:04:05.000Z', 0, '2026-01-02T03:04:05.000Z');
insert into protected_refs ("id", "project_id", "kind", "name", "created_at", "allow_force_push", "updated_at") values (2, 1, 'tag', 'v*', '2026-01-02T03:04:05.000Z', 0, '2026-01-02T03:04:05.000Z');
insert into recovery_codes ("user_id", "digest") values (1, 'recovery_codes-digest-1');
insert into recovery_codes ("user_id", "digest") values (2, 'recovery_codes-digest-2');
insert into redirects ("path_key", "path", "namespace_id", "project_id") values ('redirects-path_key-1', 'redirects-path-1', 1, NULL);
insert into redirects ("path_key", "path", "namespace_id", "project_id") values ('redirects-path_key-2', 'redirects-path-2', NULL, 1);
insert into registration_tokens ("id", "group_id", "project_id", "digest", "sealed", "created_at") values (1, 1, 1, 'registration_tokens-digest-1', 'registration_tokens-sealed-1', '2026-01-02T03:04:05.000Z');
insert into registration_tokens ("id", "group_id", "project_id", "digest", "sealed", "created_at") values (2, 2, 2, 'registration_tokens-digest-2', 'registration_tokens-sealed-2', '2026-01-02T03:04:05.000Z');
insert into routes ("path_key", "path", "namespace_id", "project_id") values ('root', 'root', 1, NULL);
insert into routes ("path_key", "path", "namespace_id", "project_id") values ('root/kept', 'root/kept', NULL, 1);
insert into runner_projects ("runner_id", "project_id", "owner") values (1, 1, 1);
insert into runner_projects ("runner_id", "project_id", "owner") values (2, 2, 2);
insert into runners ("id", "group_id", "creator_id", "runner_type", "registration", "token_digest", "description", "tags", "access_level", "created_at", "updated_at", "paused", "locked", "run_untagged", "token_expires_at", "maintenance_note", "maximum_timeout") values (1, 1, 1, 'runners-runner_type-1', 'runners-registration-1', 'runners-token_digest-1', 'runners-description-1', 'runners-tags-1', 'runners-access_level-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 1, 1, 1, '2026-01-02T03:04:05.000Z', 'runners-maintenance_note-1', 1);
insert into runners ("id", "group_id", "creator_id", "runner_type", "registration", "token_digest", "description", "tags", "access_level", "created_at", "updated_at", "paused", "locked", "run_untagged", "token_expires_at", "maintenance_note", "maximum_timeout") values (2, 2, 2, 'runners-runner_type-2', 'runners-registration-2', 'runners-token_digest-2', 'runners-description-2', 'runners-tags-2', 'runners-access_level-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 2, 2, 2, '2026-01-02T03:04:05.000Z', 'runners-maintenance_note-2', 2);
insert into sealing_keys ("id", "fingerprint", "created_at") values (1, 'sealing_keys-fingerprint-1', '2026-01-02T03:04:05.000Z');
insert into sealing_keys ("id", "fingerprint", "created_at") values (2, 'sealing_keys-fingerprint-2', '2026-01-02T03:04:05.000Z');
insert into security_epoch ("id", "value") values (1, 40);
insert into settings ("key", "value") values ('settings-key-1', 'settings-value-1');
insert into settings ("key", "value") values ('settings-key-2', 'settings-value-2');
insert into triggers ("id", "project_id", "owner_id", "description", "digest", "sealed", "expires_at", "created_at", "updated_at") values (1, 1, 1, 'triggers-description-1', 'triggers-digest-1', 'triggers-sealed-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into triggers ("id", "project_id", "owner_id", "description", "digest", "sealed", "expires_at", "created_at", "updated_at") values (2, 2, 2, 'triggers-description-2', 'triggers-digest-2', 'triggers-sealed-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into trust_grants ("id", "trust_id", "project_id", "group_id", "kind", "scopes", "subject", "created_at", "expires_at", "digest", "fingerprint") values (1, 1, 1, 1, 'trust_grants-kind-1', 'trust_grants-scopes-1', 'trust_grants-subject-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'trust_grants-digest-1', 'trust_grants-fingerprint-1');
insert into trust_grants ("id", "trust_id", "project_id", "group_id", "kind", "scopes", "subject", "created_at", "expires_at", "digest", "fingerprint") values (2, 2, 2, 2, 'trust_grants-kind-2', 'trust_grants-scopes-2', 'trust_grants-subject-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'trust_grants-digest-2', 'trust_grants-fingerprint-2');
insert into trust_refusals ("id", "trust_id", "refusal_id", "reason", "details", "created_at", "verified") values (1, 1, 'trust_refusals-refusal_id-1', 'trust_refusals-reason-1', 'trust_refusals-details-1', '2026-01-02T03:04:05.000Z', 1);
insert into trust_refusals ("id", "trust_id", "refusal_id", "reason", "details", "created_at", "verified") values (2, 2, 'trust_refusals-refusal_id-2', 'trust_refusals-reason-2', 'trust_refusals-details-2', '2026-01-02T03:04:05.000Z', 2);
insert into trust_uses ("token", "expires_at") values ('trust_uses-token-1', '2026-01-02T03:04:05.000Z');
insert into trust_uses ("token", "expires_at") values ('trust_uses-token-2', '2026-01-02T03:04:05.000Z');
insert into trusts ("id", "project_id", "group_id", "name", "issuer", "audience", "claims", "scopes", "refs", "created_at", "updated_at", "jwks_uri", "enabled", "access_level", "life", "single_use", "sponsor_id") values (1, 1, 1, 'trusts-name-1', 'trusts-issuer-1', 'trusts-audience-1', 'trusts-claims-1', 'trusts-scopes-1', 'trusts-refs-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'trusts-jwks_uri-1', 1, 1, 1, 1, 1);
insert into trusts ("id", "project_id", "group_id", "name", "issuer", "audience", "claims", "scopes", "refs", "created_at", "updated_at", "jwks_uri", "enabled", "access_level", "life", "single_use", "sponsor_id") values (2, 2, 2, 'trusts-name-2', 'trusts-issuer-2', 'trusts-audience-2', 'trusts-claims-2', 'trusts-scopes-2', 'trusts-refs-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 'trusts-jwks_uri-2', 2, 2, 2, 2, 2);
insert into two_factor ("user_id", "sealed", "last_step", "created_at") values (1, 'two_factor-sealed-1', 1, '2026-01-02T03:04:05.000Z');
insert into two_factor ("user_id", "sealed", "last_step", "created_at") values (2, 'two_factor-sealed-2', 2, '2026-01-02T03:04:05.000Z');
insert into user_statuses ("user_id", "emoji", "message", "availability", "clear_status_at") values (1, 'user_statuses-emoji-1', 'user_statuses-message-1', 'user_statuses-availability-1', '2026-01-02T03:04:05.000Z');
insert into user_statuses ("user_id", "emoji", "message", "availability", "clear_status_at") values (2, 'user_statuses-emoji-2', 'user_statuses-message-2', 'user_statuses-availability-2', '2026-01-02T03:04:05.000Z');
insert into user_tokens ("user_id", "kind", "digest", "sealed", "created_at") values (1, 'user_tokens-kind-1', 'user_tokens-digest-1', 'user_tokens-sealed-1', '2026-01-02T03:04:05.000Z');
insert into user_tokens ("user_id", "kind", "digest", "sealed", "created_at") values (2, 'user_tokens-kind-2', 'user_tokens-digest-2', 'user_tokens-sealed-2', '2026-01-02T03:04:05.000Z');
insert into users ("id", "username", "username_key", "name", "email", "email_key", "state", "kind", "created_at", "updated_at", "is_admin", "is_external", "can_create_group", "projects_limit", "confirmed_at", "note", "password_hash", "password_expires_at", "bot_project_id", "bot_group_id", "created_by", "two_factor_enabled") values (1, 'root', 'root', 'Administrator', 'user-1@example.com', 'user-1@example.com', 'active', 'human', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 1, 0, 1, 10, '2026-01-02T03:04:05.000Z', 'users-note-1', NULL, NULL, NULL, NULL, 1, 1);
insert into users ("id", "username", "username_key", "name", "email", "email_key", "state", "kind", "created_at", "updated_at", "is_admin", "is_external", "can_create_group", "projects_limit", "confirmed_at", "note", "password_hash", "password_expires_at", "bot_project_id", "bot_group_id", "created_by", "two_factor_enabled") values (2, 'ada', 'ada', 'Ada', 'user-2@example.com', 'user-2@example.com', 'active', 'human', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 0, 0, 1, 10, '2026-01-02T03:04:05.000Z', 'users-note-2', NULL, NULL, NULL, NULL, 2, 2);
insert into variables ("id", "project_id", "group_id", "key", "sealed", "variable_type", "environment_scope", "created_at", "updated_at", "protected", "masked", "hidden", "raw", "description") values (1, 1, 1, 'variables-key-1', 'variables-sealed-1', 'variables-variable_type-1', 'variables-environment_scope-1', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 1, 1, 1, 1, 'variables-description-1');
insert into variables ("id", "project_id", "group_id", "key", "sealed", "variable_type", "environment_scope", "created_at", "updated_at", "protected", "masked", "hidden", "raw", "description") values (2, 2, 2, 'variables-key-2', 'variables-sealed-2', 'variables-variable_type-2', 'variables-environment_scope-2', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', 2, 2, 2, 2, 'variables-description-2');
insert into web_sessions ("id", "user_id", "digest", "stage", "failures", "created_at", "seen_at", "ends_at") values (1, 1, 'web_sessions-digest-1', 'web_sessions-stage-1', 1, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
insert into web_sessions ("id", "user_id", "digest", "stage", "failures", "created_at", "seen_at", "ends_at") values (2, 2, 'web_sessions-digest-2', 'web_sessions-stage-2', 2, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z');
delete from sqlite_sequence;
insert into sqlite_sequence ("name", "seq") values ('security_epoch', 1);
insert into sqlite_sequence ("name", "seq") values ('job_queue', 1);
insert into sqlite_sequence ("name", "seq") values ('oauth_applications', 3);
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
insert into sqlite_sequence ("name", "seq") values ('pipelines', 2);
insert into sqlite_sequence ("name", "seq") values ('pipeline_variables', 2);
insert into sqlite_sequence ("name", "seq") values ('runners', 2);
insert into sqlite_sequence ("name", "seq") values ('jobs', 2);
insert into sqlite_sequence ("name", "seq") values ('job_artifacts', 2);
insert into sqlite_sequence ("name", "seq") values ('registration_tokens', 2);
insert into sqlite_sequence ("name", "seq") values ('variables', 2);
insert into sqlite_sequence ("name", "seq") values ('job_token_allowlist', 2);
insert into sqlite_sequence ("name", "seq") values ('oauth_codes', 2);
insert into sqlite_sequence ("name", "seq") values ('oauth_devices', 2);
insert into sqlite_sequence ("name", "seq") values ('oauth_tokens', 2);
insert into sqlite_sequence ("name", "seq") values ('web_sessions', 2);
insert into sqlite_sequence ("name", "seq") values ('trusts', 2);
insert into sqlite_sequence ("name", "seq") values ('trust_grants', 2);
insert into sqlite_sequence ("name", "seq") values ('trust_refusals', 2);
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
CREATE INDEX "job_artifacts_by_expires_at" on "job_artifacts" ("expires_at");
CREATE INDEX "job_artifacts_by_job_id_file_type" on "job_artifacts" ("job_id", "file_type");
CREATE INDEX "job_token_allowlist_by_allowed_group_id" on "job_token_allowlist" ("allowed_group_id");
CREATE INDEX "job_token_allowlist_by_allowed_project_id" on "job_token_allowlist" ("allowed_project_id");
CREATE UNIQUE INDEX "job_token_allowlist_by_project_id_allowed_group_id" on "job_token_allowlist" ("project_id", "allowed_group_id");
CREATE UNIQUE INDEX "job_token_allowlist_by_project_id_allowed_project_id" on "job_token_allowlist" ("project_id", "allowed_project_id");
CREATE INDEX "jobs_by_pipeline_id_position" on "jobs" ("pipeline_id", "position");
CREATE INDEX "jobs_by_project_id_id" on "jobs" ("project_id", "id");
CREATE INDEX "jobs_by_runner_id_id" on "jobs" ("runner_id", "id");
CREATE INDEX "jobs_by_status_queued_at" on "jobs" ("status", "queued_at");
CREATE UNIQUE INDEX "jobs_by_token_digest" on "jobs" ("token_digest");
CREATE INDEX "jobs_by_user_id" on "jobs" ("user_id");
CREATE UNIQUE INDEX "keys_by_fingerprint_sha256" on "keys" ("fingerprint_sha256");
CREATE INDEX "keys_by_user_id" on "keys" ("user_id");
CREATE UNIQUE INDEX "members_by_namespace_id_user_id" on "members" ("namespace_id", "user_id");
CREATE UNIQUE INDEX "members_by_project_id_user_id" on "members" ("project_id", "user_id");
CREATE INDEX "members_by_user_id" on "members" ("user_id");
CREATE INDEX "namespaces_by_kind_name" on "namespaces" ("kind", "name");
CREATE INDEX "namespaces_by_owner_id" on "namespaces" ("owner_id");
CREATE INDEX "namespaces_by_parent_id" on "namespaces" ("parent_id");
CREATE INDEX "oauth_applications_by_owner_id" on "oauth_applications" ("owner_id");
CREATE INDEX "oauth_applications_by_secret_digest" on "oauth_applications" ("secret_digest");
CREATE UNIQUE INDEX "oauth_applications_by_uid" on "oauth_applications" ("uid");
CREATE INDEX "oauth_codes_by_application_id" on "oauth_codes" ("application_id");
CREATE UNIQUE INDEX "oauth_codes_by_digest" on "oauth_codes" ("digest");
CREATE INDEX "oauth_codes_by_expires_at" on "oauth_codes" ("expires_at");
CREATE INDEX "oauth_codes_by_user_id" on "oauth_codes" ("user_id");
CREATE INDEX "oauth_devices_by_application_id" on "oauth_devices" ("application_id");
CREATE UNIQUE INDEX "oauth_devices_by_device_digest" on "oauth_devices" ("device_digest");
CREATE INDEX "oauth_devices_by_expires_at" on "oauth_devices" ("expires_at");
CREATE UNIQUE INDEX "oauth_devices_by_user_code_digest" on "oauth_devices" ("user_code_digest");
CREATE INDEX "oauth_devices_by_user_id" on "oauth_devices" ("user_id");
CREATE UNIQUE INDEX "oauth_tokens_by_access_digest" on "oauth_tokens" ("access_digest");
CREATE INDEX "oauth_tokens_by_application_id" on "oauth_tokens" ("application_id");
CREATE INDEX "oauth_tokens_by_family" on "oauth_tokens" ("family");
CREATE UNIQUE INDEX "oauth_tokens_by_refresh_digest" on "oauth_tokens" ("refresh_digest");
CREATE INDEX "oauth_tokens_by_revoked_at" on "oauth_tokens" ("revoked_at");
CREATE INDEX "oauth_tokens_by_user_id_application_id" on "oauth_tokens" ("user_id", "application_id");
CREATE INDEX "pipeline_variables_by_pipeline_id" on "pipeline_variables" ("pipeline_id");
CREATE INDEX "pipelines_by_project_id_id" on "pipelines" ("project_id", "id");
CREATE UNIQUE INDEX "pipelines_by_project_id_iid" on "pipelines" ("project_id", "iid");
CREATE INDEX "pipelines_by_status" on "pipelines" ("status");
CREATE INDEX "pipelines_by_trigger_id" on "pipelines" ("trigger_id");
CREATE INDEX "pipelines_by_user_id" on "pipelines" ("user_id");
CREATE INDEX "projects_by_creator_id" on "projects" ("creator_id");
CREATE INDEX "projects_by_namespace_id" on "projects" ("namespace_id");
CREATE INDEX "protected_ref_levels_by_deploy_key_id" on "protected_ref_levels" ("deploy_key_id");
CREATE INDEX "protected_ref_levels_by_protected_ref_id" on "protected_ref_levels" ("protected_ref_id");
CREATE UNIQUE INDEX "protected_refs_by_project_id_kind_name" on "protected_refs" ("project_id", "kind", "name");
CREATE INDEX "redirects_by_namespace_id" on "redirects" ("namespace_id");
CREATE INDEX "redirects_by_project_id" on "redirects" ("project_id");
CREATE UNIQUE INDEX "registration_tokens_by_digest" on "registration_tokens" ("digest");
CREATE UNIQUE INDEX "registration_tokens_by_group_id" on "registration_tokens" ("group_id");
CREATE UNIQUE INDEX "registration_tokens_by_project_id" on "registration_tokens" ("project_id");
CREATE INDEX "routes_by_namespace_id" on "routes" ("namespace_id");
CREATE INDEX "routes_by_project_id" on "routes" ("project_id");
CREATE INDEX "runner_projects_by_project_id" on "runner_projects" ("project_id");
CREATE INDEX "runners_by_creator_id" on "runners" ("creator_id");
CREATE INDEX "runners_by_group_id" on "runners" ("group_id");
CREATE UNIQUE INDEX "runners_by_token_digest" on "runners" ("token_digest");
CREATE INDEX "triggers_by_owner_id" on "triggers" ("owner_id");
CREATE INDEX "triggers_by_project_id" on "triggers" ("project_id");
CREATE UNIQUE INDEX "trust_grants_by_digest" on "trust_grants" ("digest");
CREATE INDEX "trust_grants_by_expires_at" on "trust_grants" ("expires_at");
CREATE INDEX "trust_grants_by_group_id" on "trust_grants" ("group_id");
CREATE INDEX "trust_grants_by_project_id" on "trust_grants" ("project_id");
CREATE INDEX "trust_grants_by_trust_id" on "trust_grants" ("trust_id");
CREATE INDEX "trust_refusals_by_trust_id_id" on "trust_refusals" ("trust_id", "id");
CREATE INDEX "trust_uses_by_expires_at" on "trust_uses" ("expires_at");
CREATE INDEX "trusts_by_group_id" on "trusts" ("group_id");
CREATE INDEX "trusts_by_project_id" on "trusts" ("project_id");
CREATE INDEX "trusts_by_sponsor_id" on "trusts" ("sponsor_id");
CREATE INDEX "users_by_bot_group_id" on "users" ("bot_group_id");
CREATE INDEX "users_by_bot_project_id" on "users" ("bot_project_id");
CREATE INDEX "users_by_created_at" on "users" ("created_at");
CREATE UNIQUE INDEX "users_by_email_key" on "users" ("email_key");
CREATE INDEX "users_by_name" on "users" ("name");
CREATE INDEX "users_by_updated_at" on "users" ("updated_at");
CREATE INDEX "users_by_username" on "users" ("username");
CREATE UNIQUE INDEX "users_by_username_key" on "users" ("username_key");
CREATE UNIQUE INDEX "variables_by_group_id_key_environment_scope" on "variables" ("group_id", "key", "environment_scope");
CREATE UNIQUE INDEX "variables_by_project_id_key_environment_scope" on "variables" ("project_id", "key", "environment_scope");
CREATE INDEX "web_sessions_by_ends_at" on "web_sessions" ("ends_at");
CREATE INDEX "web_sessions_by_user_id" on "web_sessions" ("user_id");
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
CREATE TRIGGER "job_token_allowlist_delete_raises_epoch" after delete on "job_token_allowlist"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "job_token_allowlist_insert_raises_epoch" after insert on "job_token_allowlist"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "jobs_delete_raises_epoch" after delete on "jobs"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "jobs_insert_raises_job_queue" after insert on "jobs" when new.status = 'pending'
      begin update job_queue set value = value + 1 where id = 1; end;
CREATE TRIGGER "jobs_update_raises_epoch" after update of status, token_digest, user_id, deadline on "jobs"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "jobs_update_raises_job_queue" after update of status on "jobs" when new.status = 'pending'
      begin update job_queue set value = value + 1 where id = 1; end;
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
CREATE TRIGGER "oauth_applications_delete_raises_epoch" after delete on "oauth_applications"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "oauth_applications_insert_raises_epoch" after insert on "oauth_applications"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "oauth_applications_update_raises_epoch" after update on "oauth_applications"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "oauth_tokens_delete_raises_epoch" after delete on "oauth_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "oauth_tokens_insert_raises_epoch" after insert on "oauth_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "oauth_tokens_update_raises_epoch" after update on "oauth_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "project_ci_settings_delete_raises_epoch" after delete on "project_ci_settings"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "project_ci_settings_insert_raises_epoch" after insert on "project_ci_settings"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "project_ci_settings_update_raises_epoch" after update on "project_ci_settings"
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
CREATE TRIGGER "runner_projects_insert_raises_job_queue" after insert on "runner_projects" 
      begin update job_queue set value = value + 1 where id = 1; end;
CREATE TRIGGER "runners_update_raises_job_queue" after update on "runners" 
      begin update job_queue set value = value + 1 where id = 1; end;
CREATE TRIGGER "settings_delete_raises_epoch" after delete on "settings"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "settings_insert_raises_epoch" after insert on "settings"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "settings_insert_raises_job_queue" after insert on "project_ci_settings" 
      begin update job_queue set value = value + 1 where id = 1; end;
CREATE TRIGGER "settings_update_raises_epoch" after update on "settings"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "settings_update_raises_job_queue" after update on "project_ci_settings" 
      begin update job_queue set value = value + 1 where id = 1; end;
CREATE TRIGGER "triggers_delete_raises_epoch" after delete on "triggers"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "triggers_insert_raises_epoch" after insert on "triggers"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "triggers_update_raises_epoch" after update on "triggers"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER trust_grants_delete_raises_epoch after delete on trust_grants
      when old.expires_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "trusts_delete_raises_epoch" after delete on trusts
        begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "trusts_update_raises_epoch" after update on trusts
        begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "user_tokens_delete_raises_epoch" after delete on "user_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "user_tokens_insert_raises_epoch" after insert on "user_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "user_tokens_update_raises_epoch" after update on "user_tokens"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER users_change_ends_sessions after update of state, password_hash, two_factor_enabled on users
      when new.state is not old.state or new.password_hash is not old.password_hash
        or new.two_factor_enabled is not old.two_factor_enabled
      begin delete from web_sessions where user_id = new.id; end;
CREATE TRIGGER "users_delete_raises_epoch" after delete on "users"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "users_insert_raises_epoch" after insert on "users"
      begin update security_epoch set value = value + 1 where id = 1; end;
CREATE TRIGGER "users_update_raises_epoch" after update on "users"
      begin update security_epoch set value = value + 1 where id = 1; end;
