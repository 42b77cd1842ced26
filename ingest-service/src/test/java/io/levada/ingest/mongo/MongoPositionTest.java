package io.levada.ingest.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.ingest.capture.LogPosition;
import io.levada.ingest.capture.Lsn;
import io.levada.ingest.capture.MongoPosition;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

class MongoPositionTest {
    private static final long TIME = (1_763_728_311L << 32) + 5;

    /// As the manual prints it for MongoDB 4.2 and later.
    private static final String TOKEN = "82635019A0000000012B042C0100296E5A1004";

    @Test
    void comesBackFromStorage() {
        for (LogPosition position : new LogPosition[] {
            MongoPosition.after(TIME),
            new MongoPosition(TIME, 3, false, TOKEN),
            new MongoPosition(0xffff_ffff_ffff_ffffL, 0, true, TOKEN)
        }) {
            assertThat(LogPosition.of(position.stored())).isEqualTo(position);
        }
        assertThat(LogPosition.of("16/B374D848")).isInstanceOf(Lsn.class);
    }

    @Test
    void isOrderedByTimeThenByChangesThenByWhetherTheyAreAll() {
        MongoPosition[] ordered = {
            new MongoPosition(TIME - 1, 9, true, TOKEN),
            MongoPosition.after(TIME),
            new MongoPosition(TIME, 1, false, TOKEN),
            new MongoPosition(TIME, 2, false, TOKEN),
            new MongoPosition(TIME, 2, true, TOKEN),
            new MongoPosition(TIME, 3, false, TOKEN),
            new MongoPosition(TIME + 1, 1, false, TOKEN),
            new MongoPosition(0x9000_0000_0000_0000L, 1, false, TOKEN)
        };
        for (int i = 0; i < ordered.length; i++) {
            for (int j = 0; j < ordered.length; j++) {
                assertThat(ordered[i].isAfter(ordered[j])).as(i + " after " + j).isEqualTo(i > j);
            }
        }
    }

    @Test
    void countsATimeOnlyOnceItIsWhole() {
        MongoPosition part = new MongoPosition(TIME, 2, false, TOKEN);
        MongoPosition whole = new MongoPosition(TIME, 2, true, TOKEN);

        assertThat(whole.order()).isEqualTo("17637283110000000005");
        assertThat(part.order()).isEqualTo("17637283110000000004");
        assertThat(new MongoPosition(1L << 32, 1, false, TOKEN).order()).isEqualTo("00000000004294967295");
        assertThat(part.holds(TIME)).isFalse();
        assertThat(whole.holds(TIME)).isTrue();
        assertThat(part.holds(TIME - 1)).isTrue();
        assertThat(whole.holds(TIME + 1)).isFalse();
        assertThat(whole.text()).isEqualTo("Timestamp(1763728311, 5)");
    }

    @Test
    void readsTheTimeOfATokenWhereItHasOne() {
        assertThat(ResumeToken.time(TOKEN)).hasValue((0x635019A0L << 32) + 1);
        assertThat(ResumeToken.time("gmNQGaAAAAABRmRfaWQAZA==")).isEmpty();
        assertThat(ResumeToken.time("82")).isEmpty();
        assertThat(ResumeToken.text(
                        BsonDocument.parse("{_data: '" + TOKEN + "', _typeBits: {$binary: 'AQ==', $type: '00'}}")))
                .isEqualTo(TOKEN);
        assertThat(ResumeToken.text(BsonDocument.parse("{_data: 5}"))).isNull();
        assertThat(ResumeToken.text(null)).isNull();
    }
}
