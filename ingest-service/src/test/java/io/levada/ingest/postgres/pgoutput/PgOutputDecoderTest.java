package io.levada.ingest.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.levada.ingest.postgres.pgoutput.LogMessage.Begin;
import io.levada.ingest.postgres.pgoutput.LogMessage.Column;
import io.levada.ingest.postgres.pgoutput.LogMessage.Commit;
import io.levada.ingest.postgres.pgoutput.LogMessage.Content;
import io.levada.ingest.postgres.pgoutput.LogMessage.Delete;
import io.levada.ingest.postgres.pgoutput.LogMessage.Insert;
import io.levada.ingest.postgres.pgoutput.LogMessage.Other;
import io.levada.ingest.postgres.pgoutput.LogMessage.Relation;
import io.levada.ingest.postgres.pgoutput.LogMessage.Truncate;
import io.levada.ingest.postgres.pgoutput.LogMessage.Update;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PgOutputDecoderTest {
    private static final int INT4 = 23;
    private static final int TEXT = 25;
    private static final int KEY = 1;

    /// 2026-11-21T10:00:00.000001Z in microseconds since 2000.
    private static final long MICROS = 848_570_400_000_001L;

    private static final Instant TIME = Instant.parse("2026-11-21T10:00:00.000001Z");

    private final PgOutputDecoder decoder = new PgOutputDecoder();

    @Test
    void readsWhereATransactionBeginsAndEnds() {
        Begin begin = (Begin) decoder.decode(MessageBytes.of('B')
                .int64(0x16B3748)
                .int64(MICROS)
                .int32(0xFFFF_FFFE)
                .message());
        Commit commit = (Commit) decoder.decode(MessageBytes.of('C')
                .int8(0)
                .int64(0x16B3748)
                .int64(0xFFFF_FFFF_0000_0001L)
                .int64(MICROS)
                .message());

        assertThat(begin).isEqualTo(new Begin(4_294_967_294L, TIME));
        assertThat(commit).isEqualTo(new Commit(0xFFFF_FFFF_0000_0001L, TIME));
    }

    @Test
    void readsADescriptionWithNamesBeyondAscii() {
        Relation relation = describe(70_000, "Größe", "日本 \"x\"", 'd');

        assertThat(relation.qualifiedName()).isEqualTo("Größe.日本 \"x\"");
        assertThat(relation.fullIdentity()).isFalse();
        assertThat(relation.columns())
                .containsExactly(new Column("id", true, INT4, -1), new Column("prénom", false, TEXT, -1));
        assertThat(relation.indexOf("prénom")).isEqualTo(1);
        assertThat(relation.indexOf("none")).isEqualTo(-1);
    }

    @Test
    void takesAnEmptySchemaForTheCatalogsOwn() {
        assertThat(describe(1, "", "t", 'd').qualifiedName()).isEqualTo("pg_catalog.t");
    }

    @Test
    void readsNullsAndTextsOfAnInsert() {
        Relation relation = describe(5, "public", "t", 'd');

        Insert insert = (Insert) decoder.decode(
                MessageBytes.of('I').int32(5).int8('N').tuple("7", null).message());
        Insert empty = (Insert) decoder.decode(
                MessageBytes.of('I').int32(5).int8('N').tuple("8", "").message());
        Insert beyondAscii = (Insert) decoder.decode(MessageBytes.of('I')
                .int32(5)
                .int8('N')
                .tuple("9", "naïve 日本 😀")
                .message());

        assertThat(insert.relation()).isSameAs(relation);
        assertThat(texts(insert.row())).containsExactly("7", null);
        assertThat(texts(empty.row())).containsExactly("8", "");
        assertThat(texts(beyondAscii.row())).containsExactly("9", "naïve 日本 😀");
    }

    @Test
    void readsAnUpdateWithoutOldRow() {
        describe(5, "public", "t", 'd');

        Update update = (Update) decoder.decode(MessageBytes.of('U')
                .int32(5)
                .int8('N')
                .tuple("7", MessageBytes.UNCHANGED)
                .message());

        assertThat(update.old()).isNull();
        assertThat(update.row().isUnchanged(0)).isFalse();
        assertThat(update.row().isUnchanged(1)).isTrue();
        assertThatThrownBy(() -> update.row().text(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void readsAnUpdateOfAKey() {
        describe(5, "public", "t", 'd');

        Update update = (Update) decoder.decode(MessageBytes.of('U')
                .int32(5)
                .int8('K')
                .tuple("7", null)
                .int8('N')
                .tuple("8", "b")
                .message());

        assertThat(texts(Objects.requireNonNull(update.old()))).containsExactly("7", null);
        assertThat(texts(update.row())).containsExactly("8", "b");
    }

    @Test
    void readsAnUpdateWithItsWholeOldRow() {
        assertThat(describe(5, "public", "t", 'f').fullIdentity()).isTrue();

        Update update = (Update) decoder.decode(MessageBytes.of('U')
                .int32(5)
                .int8('O')
                .tuple("7", "large")
                .int8('N')
                .tuple("7", MessageBytes.UNCHANGED)
                .message());

        assertThat(texts(Objects.requireNonNull(update.old()))).containsExactly("7", "large");
        assertThat(update.row().isUnchanged(1)).isTrue();
    }

    @Test
    void readsDeletesByKeyAndByWholeRow() {
        describe(5, "public", "t", 'd');
        describe(6, "public", "whole", 'f');

        Delete byKey = (Delete) decoder.decode(
                MessageBytes.of('D').int32(5).int8('K').tuple("7", null).message());
        Delete byRow = (Delete) decoder.decode(
                MessageBytes.of('D').int32(6).int8('O').tuple("7", "b").message());

        assertThat(texts(byKey.old())).containsExactly("7", null);
        assertThat(byRow.relation().name()).isEqualTo("whole");
        assertThat(texts(byRow.old())).containsExactly("7", "b");
    }

    @Test
    void readsATruncateOfTwoTables() {
        Relation first = describe(5, "public", "a", 'd');
        Relation second = describe(6, "public", "b", 'd');

        Truncate truncate = (Truncate) decoder.decode(
                MessageBytes.of('T').int32(2).int8(3).int32(6).int32(5).message());

        assertThat(truncate.relations()).containsExactly(second, first);
    }

    @Test
    void readsMessagesInAndOutsideOfTransactions() {
        byte[] text = "größer".getBytes(java.nio.charset.StandardCharsets.UTF_8);

        Content inside = (Content) decoder.decode(MessageBytes.of('M')
                .int8(1)
                .int64(42)
                .string("levada")
                .int32(text.length)
                .bytes(text)
                .message());
        Content outside = (Content) decoder.decode(
                MessageBytes.of('M').int8(0).int64(43).string("").int32(0).message());

        assertThat(inside).isEqualTo(new Content(true, 42, "levada", "größer"));
        assertThat(outside).isEqualTo(new Content(false, 43, "", ""));
    }

    @Test
    void passesOriginsAndTypesOver() {
        assertThat(decoder.decode(
                        MessageBytes.of('O').int64(1).string("elsewhere").message()))
                .isInstanceOf(Other.class);
        assertThat(decoder.decode(MessageBytes.of('Y')
                        .int32(90_000)
                        .string("public")
                        .string("mood")
                        .message()))
                .isInstanceOf(Other.class);
    }

    @Test
    void followsANewDescriptionAndLeavesEarlierChangesWithTheirs() {
        Relation before = describe(5, "public", "t", 'd');
        Insert first = (Insert) decoder.decode(
                MessageBytes.of('I').int32(5).int8('N').tuple("1", "a").message());

        Relation after = (Relation) decoder.decode(MessageBytes.of('R')
                .int32(5)
                .string("public")
                .string("renamed")
                .int8('d')
                .int16(1)
                .column(KEY, "id", INT4, -1)
                .message());
        Insert second = (Insert) decoder.decode(
                MessageBytes.of('I').int32(5).int8('N').tuple("2").message());

        assertThat(first.relation()).isSameAs(before);
        assertThat(second.relation()).isSameAs(after);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        describe(5, "public", "t", 'd');

        assertThatThrownBy(() -> decoder.decode(MessageBytes.of('S').int32(1).message()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'S'");
        assertThatThrownBy(() -> decoder.decode(
                        MessageBytes.of('I').int32(6).int8('N').tuple("1").message()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("relation 6");
        assertThatThrownBy(() -> decoder.decode(MessageBytes.of('I')
                        .int32(5)
                        .int8('N')
                        .int16(1)
                        .int8('b')
                        .int32(1)
                        .int8(7)
                        .message()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("binary");
        assertThatThrownBy(() -> decoder.decode(MessageBytes.of('I')
                        .int32(5)
                        .int8('N')
                        .int16(1)
                        .int8('x')
                        .message()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Relation describe(int id, String schema, String name, char identity) {
        return (Relation) decoder.decode(MessageBytes.of('R')
                .int32(id)
                .string(schema)
                .string(name)
                .int8(identity)
                .int16(2)
                .column(KEY, "id", INT4, -1)
                .column(identity == 'f' ? KEY : 0, "prénom", TEXT, -1)
                .message());
    }

    private static List<@Nullable String> texts(Tuple tuple) {
        List<@Nullable String> texts = new ArrayList<>();
        for (int i = 0; i < tuple.size(); i++) {
            texts.add(tuple.text(i));
        }
        return texts;
    }
}
