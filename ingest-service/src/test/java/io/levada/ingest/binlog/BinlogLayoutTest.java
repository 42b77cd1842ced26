package io.levada.ingest.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata;
import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import io.levada.definition.BinlogSource.Product;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the servers write was seen with MariaDB 11.4 and MySQL 9.7: `BinlogTypesIT`.
class BinlogLayoutTest {
    private static final int UTF8MB4 = 45;
    private static final int LATIN1 = 8;
    private static final int BINARY = 63;

    @Test
    void givesTextBehindAGeometryItsOwnCharacterSet() {
        assertThat(collations(Product.MARIADB, each(BINARY, LATIN1))).containsExactly(BINARY, LATIN1);
        assertThat(collations(Product.MYSQL, each(LATIN1))).containsExactly(0, LATIN1);
    }

    @Test
    void countsGeometriesAmongTheExceptionsFromTheTablesCharacterSetOnlyWhereTheServerDoes() {
        assertThat(collations(Product.MARIADB, exceptions(Map.of(0, BINARY, 1, LATIN1))))
                .containsExactly(BINARY, LATIN1);
        assertThat(collations(Product.MYSQL, exceptions(Map.of(0, LATIN1)))).containsExactly(0, LATIN1);
    }

    private static TableMapEventMetadata each(Integer... collations) {
        TableMapEventMetadata metadata = new TableMapEventMetadata();
        metadata.setColumnCharsets(List.of(collations));
        return metadata;
    }

    private static TableMapEventMetadata exceptions(Map<Integer, Integer> collations) {
        TableMapEventMetadata.DefaultCharset charset = new TableMapEventMetadata.DefaultCharset();
        charset.setDefaultCharsetCollation(UTF8MB4);
        charset.setCharsetCollations(collations);
        TableMapEventMetadata metadata = new TableMapEventMetadata();
        metadata.setDefaultCharset(charset);
        return metadata;
    }

    /// Of a geometry and a text.
    private static List<Integer> collations(Product product, TableMapEventMetadata metadata) {
        metadata.setColumnNames(List.of("place", "name"));
        TableMapEventData table = new TableMapEventData();
        table.setColumnTypes(new byte[] {(byte) ColumnType.GEOMETRY.getCode(), (byte) ColumnType.VARCHAR.getCode()});
        table.setColumnMetadata(new int[] {4, 80});
        table.setEventMetadata(metadata);
        return BinlogLayout.of(table, product).columns().stream()
                .map(BinlogLayout.Column::collation)
                .toList();
    }
}
