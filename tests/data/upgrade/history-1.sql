-- A history as the first version made it: its schema, two runs, a model that was opened.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    seconds REAL NOT NULL DEFAULT 0,
    model TEXT NOT NULL,
    method TEXT NOT NULL,
    scheme TEXT NOT NULL,
    out TEXT NOT NULL,
    bits REAL NOT NULL DEFAULT 0,
    perplexity REAL NOT NULL DEFAULT 0,
    kl REAL NOT NULL DEFAULT 0,
    findings INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    recipe TEXT NOT NULL,
    result TEXT NOT NULL DEFAULT '',
    process INTEGER NOT NULL,
    process_start TEXT NOT NULL
);
CREATE TABLE models (folder TEXT PRIMARY KEY, opened INTEGER NOT NULL);
INSERT INTO models VALUES ('/models/demo', 1790000000000);
INSERT INTO runs VALUES (1, 3, 1790000000000, 2.5, '/models/demo', 'awq', '4-bit, groups of 128, symmetric', '/models/demo-awq', 0, 0, 0, 0,
    '/models/demo-awq: expected room on the disk, found No space left on device.', 'the first try', '', '', 1, '1');
INSERT INTO runs VALUES (2, 1, 1790000100000, 7.25, '/models/demo', 'gptq', '4-bit, groups of 128, symmetric', '/models/demo-gptq', 4.125,
    12.5, 0.03, 0, '', '', @recipe, @record, 1, '1');
PRAGMA user_version = 1;
