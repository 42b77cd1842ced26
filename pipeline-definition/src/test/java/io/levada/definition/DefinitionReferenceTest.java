package io.levada.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The reference pages are generated from the code. `-Dlevada.write.reference=true` writes them anew.
final class DefinitionReferenceTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "levada-yaml.md");

    @Test
    void theReferencePageFollowsTheCode() throws IOException {
        String generated = page();
        if (Boolean.getBoolean("levada.write.reference")) {
            Files.writeString(PAGE, generated);
        }

        assertThat(Files.readString(PAGE)).isEqualTo(generated);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # levada.yaml

                Generated from the code by `DefinitionReferenceTest`; do not edit it by hand.

                Reading is strict: a key that is not here is an error, and all problems are reported at once. `*` stands for a
                name that you choose. Every text may hold `${NAME}`, which is replaced by the environment variable of that
                name; an unset variable is an error.

                ## Keys

                | key | of | default | meaning |
                |---|---|---|---|
                """);
        for (DefinitionKey key : DefinitionKey.values()) {
            if (key.form() != DefinitionKey.Form.UNBUILT) {
                page.append("| `%s` | %s | %s | %s |\n"
                        .formatted(key.pattern(), key.type(), key.byDefault(), key.meaning()));
            }
        }
        page.append("""

                ## Designed, not built yet

                These keys are refused with `DEF-NOT-IMPLEMENTED`, never ignored.

                | key | meaning |
                |---|---|
                """);
        for (DefinitionKey key : DefinitionKey.values()) {
            if (key.form() == DefinitionKey.Form.UNBUILT) {
                page.append("| `%s` | %s |\n".formatted(key.pattern(), key.meaning()));
            }
        }
        page.append("""

                So are these values: the modes `incremental` and `merge`.

                ## Problem codes

                | code | meaning |
                |---|---|
                """);
        for (DefinitionCode code : DefinitionCode.values()) {
            page.append("| `%s` | %s |\n".formatted(code.code(), code.meaning()));
        }
        return page.toString();
    }
}
