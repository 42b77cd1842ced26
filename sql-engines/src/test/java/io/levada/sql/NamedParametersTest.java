package io.levada.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NamedParametersTest {
    @Test
    void numbersNamesInTheOrderOfTheirFirstUse() {
        assertThat(NamedParameters.parse("SELECT :b, :a, :b::INT, x>:_c1"))
                .isEqualTo(new NamedParameters("SELECT $1, $2, $1::INT, x>$3", List.of("b", "a", "_c1")));
    }

    @Test
    void keepsAPositionApartFromTheWordBeforeIt() {
        assertThat(NamedParameters.parse("SELECT x LIKE:name").sql()).isEqualTo("SELECT x LIKE $1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT ':a', 'it''s :a', E'it\\'s :a', e'\\\\:a'",
                "SELECT \":a\", \"x\"\":a\"",
                "SELECT 1 -- :a ?\n, 2",
                "SELECT /* :a /* :b */ :c ? $1 */ 1",
                "SELECT $$ :a ? $1 $$, $tag$ :a $$ $x$ $tag$",
                "SELECT a::INT, f(x := 1), l[1: n], {'a': b}",
                "SELECT 'open :a",
                "SELECT \"open :a",
                "SELECT /* open :a",
                "SELECT $$ open :a",
                "SELECT 1:",
                "SELECT x'00', 10:20"
            })
    void leavesOtherColonsAlone(String sql) {
        assertThat(NamedParameters.parse(sql)).isEqualTo(new NamedParameters(sql, List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT ?", "SELECT $1", "SELECT $name", "SELECT 'a' || ?", "SELECT $"})
    void refusesPositionalParameters(String sql) {
        assertThatThrownBy(() -> NamedParameters.parse(sql))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.error()).isEqualTo(SqlError.POSITIONAL_PARAMETER));
    }

    @Test
    void bindsByPositionAndTakesNullForAValue() {
        NamedParameters parameters = NamedParameters.parse("SELECT :b, :a, :b");
        Map<String, @Nullable Object> values = new HashMap<>();
        values.put("a", null);
        values.put("b", 1);
        assertThat(parameters.bind(values)).isEqualTo(Arrays.asList(1, null));
    }

    @Test
    void namesWhatIsMissingAndWhatIsUnknown() {
        NamedParameters parameters = NamedParameters.parse("SELECT :a");
        assertThatThrownBy(() -> parameters.bind(Map.of()))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.error()).isEqualTo(SqlError.PARAMETER_MISSING))
                .hasMessageContaining("a");
        assertThatThrownBy(() -> parameters.bind(Map.of("a", 1, "c", 2)))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.error()).isEqualTo(SqlError.PARAMETER_UNKNOWN))
                .hasMessageContaining("no parameter c");
    }
}
