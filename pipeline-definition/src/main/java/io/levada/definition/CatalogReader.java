package io.levada.definition;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads `catalog:`.
final class CatalogReader {
    private static final String TYPES = "embedded, postgres or glue";
    private static final Pattern TOKEN_NAME = Pattern.compile("[a-z][a-z0-9_-]{0,39}");
    /// What RFC 6750 lets a bearer token be, long enough not to be guessed.
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{20,512}=*");

    private final Problems problems;

    CatalogReader(Problems problems) {
        this.problems = problems;
    }

    CatalogDefinition catalog(Section catalog) {
        return catalog.text("type").map(type -> catalog(catalog, type)).orElse(CatalogDefinition.DEFAULT);
    }

    private CatalogDefinition catalog(Section catalog, Section.Text type) {
        return switch (type.value()) {
            case "embedded" -> new CatalogDefinition.Embedded();
            case "postgres" -> postgres(catalog);
            case "glue" -> {
                problems.add(
                        DefinitionCode.NOT_IMPLEMENTED,
                        type.line(),
                        type.path(),
                        "`glue` is not built yet; allowed is embedded or postgres.");
                yield CatalogDefinition.DEFAULT;
            }
            default -> {
                bad(type, "allowed is " + TYPES);
                yield CatalogDefinition.DEFAULT;
            }
        };
    }

    private CatalogDefinition postgres(Section catalog) {
        String example = "jdbc:postgresql://host:port/database";
        Optional<Section.Text> url = catalog.requiredText("url", example);
        url.ifPresent(text -> SourcesReader.checkUrl(problems, text, SourcesReader.POSTGRES_URL, example));
        return new CatalogDefinition.Postgres(
                url.map(Section.Text::value).orElse(""),
                catalog.requiredText("user", "the role that owns the catalog's tables")
                        .map(Section.Text::value)
                        .orElse(""),
                new Secret(catalog.text("password").map(Section.Text::value).orElse("")));
    }

    AccessTokens tokens(Section catalog) {
        Section section = catalog.section("tokens");
        Map<String, Secret> tokens = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        section.textsByName().forEach((name, text) -> {
            if (!TOKEN_NAME.matcher(name).matches()) {
                problems.add(
                        DefinitionCode.BAD_NAME,
                        text.line(),
                        text.path(),
                        "The token's name is `" + name + "`; allowed is [a-z][a-z0-9_-]*, up to 40 characters.");
            }
            if (!TOKEN.matcher(text.value()).matches()) {
                refuse(text, "allowed are 20 to 512 of [A-Za-z0-9._~+/-], such as `openssl rand -hex 32` gives");
            } else if (!seen.add(text.value())) {
                refuse(text, "another name has the same token; give each its own");
            }
            tokens.put(name, new Secret(text.value()));
        });
        if (catalog.has("tokens") && !section.has(AccessTokens.OWN)) {
            section.missing(AccessTokens.OWN, "the token that Levada's own services send");
        }
        return new AccessTokens(tokens);
    }

    /// Without the text, which may be the secret itself.
    private void refuse(Section.Text text, String allowed) {
        problems.add(
                DefinitionCode.BAD_VALUE, text.line(), text.path(), "The token (not shown here): " + allowed + ".");
    }

    private void bad(Section.Text text, String allowed) {
        problems.add(DefinitionCode.BAD_VALUE, text.line(), text.path(), "`" + text.written() + "`: " + allowed + ".");
    }
}
