package io.levada.definition;

/// What can be wrong in a project directory. The codes are stable: a retired one stays reserved.
public enum DefinitionCode {
    FILE_MISSING("DEF-FILE-MISSING", "A file or folder that must exist does not, or can not be read."),
    YAML_SYNTAX("DEF-YAML-SYNTAX", "levada.yaml is not one YAML document without anchors, aliases and tags."),
    DUPLICATE_KEY("DEF-DUPLICATE-KEY", "A key stands twice in one mapping."),
    UNKNOWN_KEY("DEF-UNKNOWN-KEY", "A key that Levada does not know in this place."),
    NOT_IMPLEMENTED("DEF-NOT-IMPLEMENTED", "A key or value that is designed but not built yet. It is never ignored."),
    MISSING_KEY("DEF-MISSING-KEY", "A key that must be given is absent or empty."),
    WRONG_SHAPE("DEF-WRONG-SHAPE", "A text stands where a mapping or a list belongs, or the other way round."),
    BAD_VALUE("DEF-BAD-VALUE", "A value outside what its key allows."),
    BAD_NAME("DEF-BAD-NAME", "A name that can not be a name in the lake."),
    ENVIRONMENT("DEF-ENVIRONMENT", "A `${NAME}` whose environment variable is not set."),
    NAME_COLLISION("DEF-NAME-COLLISION", "Two tables would have the same name in the lake."),
    SQL_REFUSED("DEF-SQL-REFUSED", "An SQL file is not one SELECT that may be run."),
    UNKNOWN_TABLE("DEF-UNKNOWN-TABLE", "A table is read that the definition does not declare."),
    CYCLE("DEF-CYCLE", "Curated tables read each other in a circle."),
    NO_HISTORY("DEF-NO-HISTORY", "A bound is given to a table that has no history of its own to bound.");

    private final String code;
    private final String meaning;

    DefinitionCode(String code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /// The stable code, such as `DEF-UNKNOWN-KEY`.
    public String code() {
        return code;
    }

    /// One sentence for the reference.
    public String meaning() {
        return meaning;
    }
}
