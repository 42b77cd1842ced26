package io.levada.definition;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads `registry:` and `lineage:`, which name services outside.
final class LineageReader {
    private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}");
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    private final Problems problems;

    LineageReader(Problems problems) {
        this.problems = problems;
    }

    RegistryDefinition registry(Section registry) {
        if (registry.isEmpty()) {
            return RegistryDefinition.DEFAULT;
        }
        Optional<URI> url = registry.requiredText(
                        "url", "the base of the registry's API, such as https://registry:8081")
                .flatMap(this::url);
        Optional<Section.Text> token = registry.text("token");
        if (token.isPresent() && (registry.has("user") || registry.has("password"))) {
            bad(token.get(), "give either a token, or user and password");
        }
        Optional<RegistryDefinition.Login> login = token.<RegistryDefinition.Login>map(
                        text -> new RegistryDefinition.Login.Token(new Secret(text.value())))
                .or(() -> basic(registry));
        return url.<RegistryDefinition>map(
                        address -> new RegistryDefinition.Outside(withoutSlash(address), login.orElse(null)))
                .orElse(RegistryDefinition.DEFAULT);
    }

    private Optional<RegistryDefinition.Login> basic(Section registry) {
        if (!registry.has("user") && !registry.has("password")) {
            return Optional.empty();
        }
        Optional<Section.Text> user = registry.requiredText("user", "the user that the password is of");
        Optional<Section.Text> password = registry.requiredText("password", "the user's password: write ${NAME}");
        return user.isPresent() && password.isPresent()
                ? Optional.of(new RegistryDefinition.Login.Basic(
                        user.get().value(), new Secret(password.get().value())))
                : Optional.empty();
    }

    private static URI withoutSlash(URI url) {
        String text = url.toString();
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : url;
    }

    /// @param project stands in for a namespace that is not given
    LineageDefinition lineage(Section lineage, String project) {
        String namespace = lineage.text("namespace")
                .filter(text -> matches(text, NAMESPACE, "allowed are [A-Za-z0-9._:/-], up to 200 of them"))
                .map(Section.Text::value)
                .orElse(project);
        return new LineageDefinition(namespace, target(lineage, lineage.section("openlineage")));
    }

    private LineageDefinition.Target target(Section lineage, Section openLineage) {
        if (!lineage.has("openlineage")) {
            return new LineageDefinition.Target.None();
        }
        Optional<Section.Text> topic = openLineage.text("topic");
        if (topic.isPresent() && openLineage.has("url")) {
            bad(topic.get(), "give either a url or a topic");
        }
        if (topic.isPresent()) {
            openLineage
                    .text("api-key")
                    .ifPresent(key -> problems.add(
                            DefinitionCode.BAD_VALUE,
                            key.line(),
                            key.path(),
                            "An `api-key` goes with a `url`, not with a topic."));
            return matches(topic.get(), TOPIC, "allowed are [A-Za-z0-9._-], up to 249 of them")
                    ? new LineageDefinition.Target.Topic(topic.get().value())
                    : new LineageDefinition.Target.None();
        }
        Secret apiKey =
                openLineage.text("api-key").map(key -> new Secret(key.value())).orElse(null);
        return openLineage
                .requiredText("url", "where events are posted to, such as https://host/api/v1/lineage; or `topic`")
                .flatMap(this::url)
                .<LineageDefinition.Target>map(url -> new LineageDefinition.Target.Http(url, apiKey))
                .orElseGet(LineageDefinition.Target.None::new);
    }

    private boolean matches(Section.Text text, Pattern pattern, String allowed) {
        boolean matches = pattern.matcher(text.value()).matches();
        if (!matches) {
            bad(text, allowed);
        }
        return matches;
    }

    private Optional<URI> url(Section.Text text) {
        try {
            URI url = new URI(text.value());
            boolean plain = url.getUserInfo() == null
                    && url.getQuery() == null
                    && url.getFragment() == null
                    && url.getHost() != null;
            if (plain && List.of("http", "https").contains(String.valueOf(url.getScheme()))) {
                return Optional.of(url);
            }
        } catch (URISyntaxException _) {
            // said below
        }
        bad(text, "allowed is http://host:port/path or https://host:port/path, without user, password and query");
        return Optional.empty();
    }

    private void bad(Section.Text text, String allowed) {
        problems.add(DefinitionCode.BAD_VALUE, text.line(), text.path(), "`" + text.written() + "`: " + allowed + ".");
    }
}
