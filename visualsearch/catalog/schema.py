"""The tables of ``catalog.sqlite3`` and the steps from one version of them to the next.

Items and images have numbers: small integers that are never used again, so that NumPy arrays can be
indexed by them. The customer's ids are text and are shown to people only.
"""

from __future__ import annotations

APPLICATION_ID = 0x76735F63  # "vs_c"; tells our files from other SQLite files

MIGRATIONS: tuple[str, ...] = (
    """
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
    """,
    """
    -- What people decided. The log (operation and the three kinds of changes) says how it came about; the tables
    -- item_value, imported, judgement and document are the state that follows from it and from the imports.

    CREATE TABLE operation (
        number     INTEGER PRIMARY KEY AUTOINCREMENT,
        kind       TEXT NOT NULL,               -- one word: set, tag, merge, undo, redo, …
        label      TEXT NOT NULL,               -- for people
        actor      TEXT NOT NULL,
        at         TEXT NOT NULL,               -- ISO 8601, UTC
        inverse_of INTEGER REFERENCES operation(number),
        undone_by  INTEGER REFERENCES operation(number),   -- the undo that holds, of an act; the redo, of an undo
        why        TEXT,                        -- JSON: the filter, the score, the neighbours shown, …
        value_count     INTEGER NOT NULL,       -- how many (item, attribute) pairs it changed
        judgement_count INTEGER NOT NULL,
        document_count  INTEGER NOT NULL,
        revision   INTEGER NOT NULL,            -- of the catalog, with this operation
        upon       TEXT NOT NULL                -- the stamp of the state that it was made upon
    );
    CREATE INDEX operation_inverse ON operation(inverse_of) WHERE inverse_of IS NOT NULL;
    CREATE INDEX operation_undoable ON operation(number) WHERE inverse_of IS NULL AND undone_by IS NULL;
    CREATE INDEX operation_redoable ON operation(number) WHERE kind = 'undo' AND undone_by IS NULL;
    CREATE INDEX operation_revision ON operation(revision);

    -- The (item, attribute) pairs of one attribute that an operation changed. Names and values are written out, so
    -- that the log does not depend on numbers that an import may drop. sets: JSON, the different lists of values;
    -- items, old, new: int32, little-endian; items ascending; old and new are places in sets, or −1 − place where
    -- nobody had decided (old) or nobody decides any more (new), so that the item follows the import.
    CREATE TABLE value_change (
        number    INTEGER PRIMARY KEY,
        operation INTEGER NOT NULL REFERENCES operation(number),
        attribute TEXT NOT NULL,
        type      TEXT NOT NULL,
        first     INTEGER NOT NULL,             -- the lowest and the highest of items
        last      INTEGER NOT NULL,
        sets      TEXT NOT NULL,
        items     BLOB NOT NULL,
        old       BLOB NOT NULL,
        new       BLOB NOT NULL
    );
    CREATE INDEX value_change_operation ON value_change(operation);
    CREATE INDEX value_change_attribute ON value_change(attribute, operation);

    -- What the imports say where that is not what the item has: because a person decided (operation: the latest such
    -- one), or because the vocabulary has another word for it (operation is NULL). raw: JSON, a list of values.
    CREATE TABLE imported (
        attribute INTEGER NOT NULL,
        item      INTEGER NOT NULL,
        raw       TEXT NOT NULL,
        operation INTEGER,
        PRIMARY KEY (attribute, item)
    ) WITHOUT ROWID;

    CREATE TABLE judgement (                    -- an answer about an item, or about two (other is not 0)
        subject   TEXT NOT NULL,
        item      INTEGER NOT NULL,
        other     INTEGER NOT NULL,
        answer    TEXT NOT NULL,
        PRIMARY KEY (subject, item, other)
    ) WITHOUT ROWID;
    CREATE TABLE judgement_change (
        operation INTEGER NOT NULL REFERENCES operation(number),
        subject   TEXT NOT NULL,
        item      INTEGER NOT NULL,
        other     INTEGER NOT NULL,
        old       TEXT,                         -- NULL: no answer
        new       TEXT,
        PRIMARY KEY (operation, subject, item, other)
    ) WITHOUT ROWID;
    CREATE INDEX judgement_change_item ON judgement_change(item);

    CREATE TABLE document (                     -- saved filters, the vocabulary, certificates, …: JSON by name
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (kind, name)
    );
    CREATE TABLE document_change (
        operation INTEGER NOT NULL REFERENCES operation(number),
        kind      TEXT NOT NULL,
        name      TEXT NOT NULL,
        old       TEXT,                         -- NULL: no such document
        new       TEXT,
        PRIMARY KEY (operation, kind, name)
    );

    -- Looking an item up attribute by attribute in the primary key is as fast, and a bulk change of one attribute
    -- need not touch this index on every page.
    DROP INDEX item_value_item;
    """,
)

VERSION = len(MIGRATIONS)
