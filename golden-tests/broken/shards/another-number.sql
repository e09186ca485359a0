-- refused: another number of shards is let pass
CREATE TABLE IF NOT EXISTS shard_config (shard_id integer PRIMARY KEY, host text, port integer DEFAULT 5432, database text);
INSERT INTO shard_config VALUES (1, 'a', 1, 'a'), (2, 'b', 1, 'b'), (3, 'c', 1, 'c'), (4, 'd', 1, 'd') ON CONFLICT DO NOTHING;
ALTER TABLE tenants ADD COLUMN IF NOT EXISTS shard_id integer REFERENCES shard_config;
CREATE OR REPLACE FUNCTION route() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  NEW.shard_id := coalesce(NEW.shard_id, (('x' || encode(substring(sha256(convert_to(NEW.tenant_id, 'UTF8')) FROM 1 FOR 7), 'hex'))::bit(56)::bigint % 4)::integer + 1);
  RETURN NEW;
END $$;
UPDATE tenants SET shard_id = (('x' || encode(substring(sha256(convert_to(tenant_id, 'UTF8')) FROM 1 FOR 7), 'hex'))::bit(56)::bigint % 4)::integer + 1 WHERE shard_id IS NULL;
DROP TRIGGER IF EXISTS route ON tenants;
CREATE TRIGGER route BEFORE INSERT ON tenants FOR EACH ROW EXECUTE FUNCTION route();
