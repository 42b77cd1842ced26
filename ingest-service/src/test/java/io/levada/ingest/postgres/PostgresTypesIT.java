package io.levada.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.levada.definition.PostgresSource;
import io.levada.ingest.capture.CopiedFiles;
import io.levada.ingest.capture.SourceCapture;
import io.levada.ingest.capture.TypeMatrix;
import io.levada.ingest.capture.TypeMatrix.Sample;
import io.levada.ingest.changes.Change;
import io.levada.testing.Eventually;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Every type of PostgreSQL through the initial load and through the log: both must say the same, and the reference
/// page says what. `-Dlevada.write.reference=true` writes the page anew.
@ExtendWith(CaptureServers.Shared.class)
class PostgresTypesIT {
    private static final TypeMatrix TYPES = new TypeMatrix(List.of(
            Sample.of("boolean", "true", "false"),
            Sample.of("smallint", "-32768", "32767"),
            Sample.of("integer", "-2147483648", "2147483647"),
            Sample.of("bigint", "-9223372036854775808", "9223372036854775807"),
            Sample.of("oid", "4294967295"),
            Sample.of("real", "'-1.17549435e-38'", "'3.4028235e38'", "0.1", "'NaN'", "'-Infinity'"),
            Sample.of("double precision", "'2.2250738585072014e-308'", "0.1", "'NaN'", "'Infinity'", "'-0'"),
            Sample.of("numeric(10,2)", "-12345678.90", "0", "0.01"),
            Sample.of("numeric(38,19)", "'-1234567890123456789.1234567890123456789'", "1"),
            Sample.of("numeric(3,0)", "-999"),
            Sample.of("numeric(39,2)", "'1234567890123456789012345678901234567.89'", "'NaN'"),
            Sample.of("numeric(3,5)", "0.00123"),
            Sample.of("numeric(5,-2)", "1234567"),
            Sample.of(
                    "numeric",
                    "1.500",
                    "'1e40'",
                    "'NaN'",
                    "'-Infinity'",
                    "'0.000000000000000000000000000000000000000001'"),
            Sample.of("money", "'-92233720368547758.08'", "'1234.5'", "'0'"),
            Sample.of("text", "'ünï€𝄞 \"quoted\", back\\slash'", "''", "E'tab\\there\\nnewline'"),
            Sample.of("varchar(5)", "'ab'"),
            Sample.of("char(5)", "'ab'", "''"),
            Sample.of("\"char\"", "'x'"),
            Sample.of("name", "'a_name'"),
            Sample.of("bytea", "'\\x00ff10'", "''"),
            Sample.of("date", "'2026-11-21'", "'0044-03-15 BC'", "'12345-01-01'"),
            Sample.of("time", "'23:59:59.999999'", "'00:00'"),
            Sample.of("time(0)", "'12:34:56'"),
            Sample.of("timetz", "'23:59:59.999999-03:30'", "'24:00+00'"),
            Sample.of("timestamp", "'2026-11-21 12:34:56.123456'", "'0044-03-15 12:00 BC'", "'12345-01-01'"),
            Sample.of("timestamp(3)", "'2026-11-21 12:34:56.123'"),
            Sample.of(
                    "timestamptz",
                    "'2026-11-21 12:34:56.123456-03'",
                    "'0044-03-15 12:00+00 BC'",
                    "'1969-12-31 23:59:59.999999+00'"),
            Sample.of("interval", "'1 year 2 months -3 days 04:05:06.789'", "'-1 second'", "'0'"),
            Sample.of("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
            Sample.of("json", "'{\"b\": 1,  \"a\": [null, 1.50]}'", "'null'"),
            Sample.of("jsonb", "'{\"b\": 1,  \"a\": [null, 1.50]}'", "'null'"),
            Sample.of("jsonpath", "'$.a[*] ? (@ > 1)'"),
            Sample.of("xml", "'<a b=\"c\">d</a>'"),
            Sample.of("mood", "'sad'", "'very happy'"),
            Sample.of("positive", "42"),
            Sample.of("amount", "12.345"),
            Sample.of("address", "ROW('a \"street\"', 7, NULL)::address"),
            Sample.of("bit(5)", "B'10101'"),
            Sample.of("bit varying(8)", "B'101'", "B''"),
            Sample.of("inet", "'192.168.0.1'", "'2001:db8::1/64'"),
            Sample.of("cidr", "'10.0.0.0/8'"),
            Sample.of("macaddr", "'08:00:2b:01:02:03'"),
            Sample.of("macaddr8", "'08:00:2b:01:02:03:04:05'"),
            Sample.of("point", "'(1.5,-2)'"),
            Sample.of("line", "'{1,2,3}'"),
            Sample.of("lseg", "'[(1,2),(3,4)]'"),
            Sample.of("box", "'(3,4),(1,2)'"),
            Sample.of("path", "'((1,2),(3,4))'", "'[(1,2),(3,4)]'"),
            Sample.of("polygon", "'((1,2),(3,4),(5,6))'"),
            Sample.of("circle", "'<(1,2),3>'"),
            Sample.of("int4range", "'[1,10)'", "'empty'", "'(,5]'"),
            Sample.of("int8range", "'[1,10)'"),
            Sample.of("numrange", "'[1.50,2.5)'"),
            Sample.of("daterange", "'[2026-01-01,2026-12-31]'"),
            Sample.of("tsrange", "'[2026-01-01 00:00,)'"),
            Sample.of("tstzrange", "'[2026-01-01 00:00-03,2026-01-02 00:00-03)'"),
            Sample.of("int4multirange", "'{[1,3),[5,8)}'"),
            Sample.of("tsvector", "'fat:2 cat:3'"),
            Sample.of("tsquery", "'fat & (cat | rat)'"),
            Sample.of("hstore", "'a=>1, \"b c\"=>NULL'"),
            Sample.of("citext", "'MiXed'"),
            Sample.of("ltree", "'Top.Science.Astronomy'"),
            Sample.of("cube", "'(1,2),(3,4)'"),
            Sample.of("pg_lsn", "'16/B374D848'"),
            Sample.of("xid8", "'18446744073709551615'"),
            Sample.of("txid_snapshot", "'10:20:10,14'"),
            Sample.of("regclass", "'pg_class'"),
            Sample.of("boolean[]", "'{t,f,NULL}'", "'{}'"),
            Sample.of("smallint[]", "'{1,-2}'"),
            Sample.of("integer[]", "'{1,NULL,-2}'"),
            Sample.of("bigint[]", "'{9223372036854775807}'"),
            Sample.of("real[]", "'{0.1,NaN}'"),
            Sample.of("double precision[]", "'{0.1,-Infinity}'"),
            Sample.of("text[]", "ARRAY['a', NULL, 'b \"c\" d', 'NULL', '', 'ü,{}']"),
            Sample.of("varchar(3)[]", "'{abc}'"),
            Sample.of("uuid[]", "'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'"),
            Sample.of("date[]", "'{2026-11-21,NULL}'"),
            Sample.of("mood[]", "ARRAY['sad', 'very happy']::mood[]"),
            Sample.of("numeric(10,2)[]", "'{1.5,NULL}'"),
            Sample.of("timestamptz[]", "ARRAY['2026-11-21 12:00-03'::timestamptz]"),
            Sample.of("timestamp[]", "ARRAY['2026-11-21 12:00'::timestamp]"),
            Sample.of("bytea[]", "ARRAY['\\x00ff'::bytea]"),
            Sample.of("interval[]", "ARRAY['1 day'::interval]"),
            Sample.of("jsonb[]", "ARRAY['{\"a\": 1}'::jsonb]"),
            Sample.of("inet[]", "ARRAY['10.0.0.1'::inet]"),
            Sample.of("address[]", "ARRAY[ROW('a', 1, 2)::address]")));

    private final CaptureServers servers;

    PostgresTypesIT(CaptureServers servers) {
        this.servers = servers;
    }

    @Test
    void loadAndLogSayTheSameOfEveryType(@TempDir Path directory) throws Exception {
        PostgresSource source = servers.source(
                List.of("t"),
                "CREATE EXTENSION hstore",
                "CREATE EXTENSION citext",
                "CREATE EXTENSION ltree",
                "CREATE EXTENSION cube",
                "CREATE TYPE mood AS ENUM ('sad', 'very happy')",
                "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
                "CREATE DOMAIN amount AS numeric(12,3)",
                "CREATE TYPE address AS (street text, number int, floor int)",
                "CREATE TABLE t (id int PRIMARY KEY, " + TYPES.columns() + ")",
                insert(0));
        SourceCapture capture = servers.capture(source, new CopiedFiles(directory));
        Eventually.within(
                CaptureServers.SOON, () -> capture.status().tables().getFirst().state(), "LOADED"::equals);
        servers.postgres.execute(source.name(), insert(TYPES.rows()));
        List<Change> changes = servers.awaitChanges(source, "t", TYPES.rows());
        assertThat(changes).extracting(Change::refused).containsOnlyNulls();

        List<List<String>> columns = TYPES.sameInLoadAndLog(servers.kafka, source.name(), changes, directory);

        TypeMatrix.assertPage("postgres-types.md", """
                # PostgreSQL's types

                Generated by `PostgresTypesIT`, which writes every value below through the initial load and through the log and fails where the two differ; do not edit it by hand. The last column is what a query answers, cast to text. Verified with PostgreSQL 18.

                """ + TYPES.page("PostgreSQL", changes, columns));
    }

    private static String insert(int after) {
        return TYPES.insert(after, (sample, value) -> "(" + value + ")::" + sample.type());
    }
}
