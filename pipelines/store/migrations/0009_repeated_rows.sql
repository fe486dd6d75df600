-- What an import said that was known already: `said` is a JSON list of [registry_row.id, row of the file]. Without it the undo of
-- the import that wrote such a row would take back what the other said, too.

CREATE TABLE registry_repeat (
    import_id  TEXT PRIMARY KEY REFERENCES registry_import (id),
    said       TEXT NOT NULL CHECK (json_valid(said))
) STRICT;
