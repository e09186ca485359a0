-- refused: rows are routed to no shard
CREATE TABLE IF NOT EXISTS shard_config (shard_id integer PRIMARY KEY, host text, port integer DEFAULT 5432, database text);
INSERT INTO shard_config VALUES (1, 'a', 1, 'a'), (2, 'b', 1, 'b'), (3, 'c', 1, 'c'), (4, 'd', 1, 'd') ON CONFLICT DO NOTHING;
ALTER TABLE tenants ADD COLUMN IF NOT EXISTS shard_id integer;
UPDATE tenants SET shard_id = (hashtext(tenant_id::text) % 4) + 1;
