-- A function that places calls, and ends when its statement is cancelled or times out.
-- Key, workspace and service come from the environment that PostgreSQL was started with.
CREATE EXTENSION IF NOT EXISTS plpython3u;
CREATE TABLE IF NOT EXISTS intents (id text PRIMARY KEY, outcome text NOT NULL DEFAULT 'maybe');

CREATE OR REPLACE FUNCTION call_number(agent text, number text) RETURNS text AS $$
import concurrent.futures
import trillet
# A backend's own: it was forked before this function was compiled. "caller" starts no thread.
if "client" not in GD:
    GD["client"] = trillet.Trillet(engine="caller", timeout_ms=20_000)
future = GD["client"].submit("calls.send", {"agentId": agent, "toNumber": number})
while True:
    try:
        return trillet.call_id(future.result(timeout=0.1))
    except concurrent.futures.TimeoutError:
        plpy.execute("SELECT 1")  # where PostgreSQL looks whether the statement is to end
$$ LANGUAGE plpython3u;

-- The intent is committed before the phone can ring: a rollback afterwards forgets no call.
CREATE OR REPLACE PROCEDURE place(intent text, agent text, number text) AS $$
DECLARE
    is_new bigint;
BEGIN
    INSERT INTO intents (id) VALUES (intent) ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS is_new = ROW_COUNT;
    COMMIT;
    IF is_new = 1 THEN
        UPDATE intents SET outcome = call_number(agent, number) WHERE id = intent;
    END IF;
END
$$ LANGUAGE plpgsql;
