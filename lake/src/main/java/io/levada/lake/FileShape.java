package io.levada.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.schema.MessageType;

/// What a Parquet file's footer says of its columns.
public final class FileShape {
    private FileShape() {}

    /// Why an engine that finds columns by their ids, and the fields of a struct by their names, would not see
    /// all that a table's schema sees in a file; empty where it sees it all, without loss.
    ///
    /// @throws RuntimeException where the footer can not be read
    public static Optional<String> obstacle(InputFile file, Schema schema) {
        MessageType message = message(file);
        Map<Integer, Types.NestedField> all =
                TypeUtil.indexById(ParquetSchemaUtil.convert(message).asStruct());
        Schema known = ParquetSchemaUtil.convertAndPrune(message);
        if (known.columns().size() != message.getFieldCount()
                || TypeUtil.indexById(known.asStruct()).size() != all.size()) {
            return Optional.of("it has columns without field ids");
        }
        return known.columns().stream()
                .filter(field -> schema.asStruct().field(field.fieldId()) != null)
                .flatMap(field -> {
                    Types.NestedField wanted =
                            Objects.requireNonNull(schema.asStruct().field(field.fieldId()));
                    return obstacle(wanted.name(), field.type(), wanted.type()).stream();
                })
                .findFirst();
    }

    private static MessageType message(InputFile file) {
        ParquetReadOptions options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withMetadataFilter(ParquetMetadataConverter.SKIP_ROW_GROUPS)
                .build();
        try (ParquetFileReader reader = ParquetFileReader.open(new ParquetInput(file), options)) {
            return reader.getFooter().getFileMetaData().getSchema();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the footer of " + file.location(), e);
        }
    }

    private static Optional<String> obstacle(String name, Type written, Type wanted) {
        if (written.isPrimitiveType() || wanted.isPrimitiveType()) {
            boolean readable = written.isPrimitiveType()
                    && wanted.isPrimitiveType()
                    && (written.equals(wanted)
                            || isUuid(written, wanted)
                            || TypeUtil.isPromotionAllowed(written, wanted.asPrimitiveType()));
            return readable
                    ? Optional.empty()
                    : Optional.of("its column " + name + " is " + written + ", the table's " + wanted);
        }
        if (written.typeId() != wanted.typeId()) {
            return Optional.of("its column " + name + " is " + written + ", the table's " + wanted);
        }
        return switch (written.typeId()) {
            case STRUCT -> structObstacle(name, written.asStructType(), wanted.asStructType());
            case LIST ->
                obstacle(
                        name,
                        written.asListType().elementType(),
                        wanted.asListType().elementType());
            case MAP ->
                obstacle(name, written.asMapType().keyType(), wanted.asMapType().keyType())
                        .or(() -> obstacle(
                                name,
                                written.asMapType().valueType(),
                                wanted.asMapType().valueType()));
            default -> Optional.of("its column " + name + " is " + written);
        };
    }

    /// Iceberg's conversion does not look at the annotation that makes sixteen bytes a UUID.
    private static boolean isUuid(Type written, Type wanted) {
        return wanted.typeId() == Type.TypeID.UUID && written.equals(Types.FixedType.ofLength(16));
    }

    /// A field must have the same name in both or be in one of them only, and a name must mean the same field.
    private static Optional<String> structObstacle(String name, Types.StructType written, Types.StructType wanted) {
        for (Types.NestedField field : written.fields()) {
            Types.NestedField byId = wanted.field(field.fieldId());
            Types.NestedField byName = wanted.field(field.name());
            if (byId != byName) {
                return Optional.of("its field " + name + "." + field.name() + " has another name by now");
            }
            if (byId != null) {
                Optional<String> inside = obstacle(name + "." + field.name(), field.type(), byId.type());
                if (inside.isPresent()) {
                    return inside;
                }
            }
        }
        return Optional.empty();
    }
}
