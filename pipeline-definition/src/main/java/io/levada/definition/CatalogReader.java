package io.levada.definition;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads `catalog:`.
final class CatalogReader {
    private static final String TYPES = "embedded, postgres or glue";
    private static final Pattern TOKEN_NAME = Pattern.compile("[a-z][a-z0-9_-]{0,39}");
    /// What RFC 6750 lets a bearer token be, long enough not to be guessed.
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{20,512}=*");

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final Pattern REGION = Pattern.compile("[a-z]{2}(-[a-z]+)+-[0-9]{1,2}");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern DATABASE_PREFIX = Pattern.compile("[a-z0-9_]{1,64}");

    private final Problems problems;
    private final String project;

    CatalogReader(Problems problems, String project) {
        this.problems = problems;
        this.project = project;
    }

    CatalogDefinition catalog(Section catalog) {
        return catalog.text("type").map(type -> catalog(catalog, type)).orElse(CatalogDefinition.DEFAULT);
    }

    private CatalogDefinition catalog(Section catalog, Section.Text type) {
        return switch (type.value()) {
            case "embedded" -> new CatalogDefinition.Embedded();
            case "postgres" -> postgres(catalog);
            case "glue" -> glue(catalog);
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

    private CatalogDefinition glue(Section catalog) {
        return new CatalogDefinition.Glue(
                matching(catalog, "region", REGION, "a region, such as eu-west-1"),
                catalog.text("endpoint").map(this::endpoint).orElse(null),
                matching(catalog, "catalog-id", ACCOUNT, "the 12 digits of an account, in quotes"),
                Objects.requireNonNullElse(
                        matching(catalog, "database-prefix", DATABASE_PREFIX, "[a-z0-9_], 1 to 64 of them"),
                        project + "_"));
    }

    private @Nullable String matching(Section catalog, String key, Pattern pattern, String allowed) {
        Section.Text text = catalog.text(key).orElse(null);
        if (text != null && !pattern.matcher(text.value()).matches()) {
            bad(text, "allowed is " + allowed);
        }
        return text == null ? null : text.value();
    }

    private @Nullable URI endpoint(Section.Text text) {
        try {
            URI uri = new URI(text.value());
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException _) {
            // Reported below.
        }
        problems.add(
                DefinitionCode.BAD_VALUE,
                text.line(),
                text.path(),
                "The endpoint is no such URL: allowed is http(s)://host:port, without credentials.");
        return null;
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
        if ((catalog.has("tokens") || catalog.has("jwt")) && !section.has(AccessTokens.OWN)) {
            section.missing(AccessTokens.OWN, "the token that Levada's own services send");
        }
        return new AccessTokens(tokens, catalog.has("jwt") ? jwt(catalog.section("jwt")) : null);
    }

    private @Nullable JwtIssuer jwt(Section section) {
        URI issuer = section.requiredText("issuer", "https://login.example.com/realms/data")
                .map(this::issuer)
                .orElse(null);
        String audience = section.requiredText("audience", "what its JWTs for Levada name in `aud`")
                .map(Section.Text::value)
                .orElse(null);
        return issuer == null || audience == null ? null : new JwtIssuer(issuer, audience);
    }

    /// Keys that come over plain HTTP can be anybody's, but from this machine.
    private @Nullable URI issuer(Section.Text text) {
        try {
            URI uri = new URI(text.value());
            boolean safe = "https".equals(uri.getScheme())
                    || "http".equals(uri.getScheme()) && LOOPBACK.contains(String.valueOf(uri.getHost()));
            if (safe && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
                return uri;
            }
        } catch (URISyntaxException _) {
            // Reported below.
        }
        problems.add(
                DefinitionCode.BAD_VALUE,
                text.line(),
                text.path(),
                "The issuer is no such URL: allowed is https://host/path as its JWTs say it in `iss`; http:// for 127.0.0.1 alone.");
        return null;
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
