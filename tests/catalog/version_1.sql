CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE item (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id     TEXT NOT NULL UNIQUE,
    gone   INTEGER NOT NULL DEFAULT 0,      -- 1: no longer in the customer's table or folder
    digest BLOB                             -- of the row as imported: unchanged rows are skipped
);
CREATE INDEX item_gone ON item(number) WHERE gone = 1;

CREATE TABLE image (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    item     INTEGER NOT NULL REFERENCES item(number),
    position INTEGER NOT NULL,              -- the lowest active one is the image that the tile shows
    path     TEXT NOT NULL,                 -- relative to the image root, as paths.to_text() writes it
    digest   BLOB,                          -- BLAKE2b-128 of the file's bytes
    size     INTEGER, mtime INTEGER, ctime INTEGER,   -- bytes, ns, ns: unchanged files are not read again
    gone     INTEGER NOT NULL DEFAULT 0,    -- 1: the file, its mention or its item vanished
    refused  TEXT,                          -- why these bytes cannot be used, or NULL
    refused_at TEXT,
    UNIQUE (item, path)
);
CREATE INDEX image_digest ON image(digest);
CREATE INDEX image_active ON image(item, position) WHERE gone = 0 AND refused IS NULL;

CREATE TABLE attribute (
    number    INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    type      TEXT NOT NULL CHECK (type IN ('category', 'number', 'text')),
    separator TEXT NOT NULL DEFAULT '',     -- not empty: an item may have several values
    position  INTEGER NOT NULL              -- the order of the customer's columns
);

CREATE TABLE category_value (
    number    INTEGER PRIMARY KEY,
    attribute INTEGER NOT NULL REFERENCES attribute(number),
    text      TEXT NOT NULL,
    UNIQUE (attribute, text)
);

-- value: category_value.number for a category, REAL for a number, TEXT for a text.
CREATE TABLE item_value (
    attribute INTEGER NOT NULL REFERENCES attribute(number),
    item      INTEGER NOT NULL REFERENCES item(number),
    value     NOT NULL,
    PRIMARY KEY (attribute, item, value)
) WITHOUT ROWID;
CREATE INDEX item_value_item ON item_value(item);

-- One row an item: its id, category values and texts; rowid is the item's number.
CREATE VIRTUAL TABLE item_text
    USING fts5(body, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');

CREATE TABLE refusal (                      -- what the last import could not use
    source TEXT NOT NULL,                   -- a file, or 'table.csv:17'
    reason TEXT NOT NULL,
    at     TEXT NOT NULL,                   -- when it was first seen, ISO 8601, UTC
    PRIMARY KEY (source, reason)
) WITHOUT ROWID;

PRAGMA application_id = 1987272547;
PRAGMA user_version = 1;
