package io.levada.catalog.glue;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.glue.model.Column;
import software.amazon.awssdk.services.glue.model.CreateTableRequest;
import software.amazon.awssdk.services.glue.model.StorageDescriptor;
import software.amazon.awssdk.services.glue.model.TableInput;
import software.amazon.awssdk.services.glue.model.UpdateTableRequest;
import software.amazon.awssdk.services.glue.model.ValidationException;

/// Makes what Iceberg says of a table's columns fit for the Data Catalog, by the limits of Glue's service model
/// (2017-03-31: `NameString`, `CommentString`, `DescriptionString`, `ColumnTypeString`, `LocationString`).
///
/// Texts for readers are shortened: comments of columns and the table's description. Names, types and locations are
/// not: a request that can not be carried out is refused before it is sent.
final class TableDescriptions implements ExecutionInterceptor {
    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_COMMENT = 255;
    private static final int LONGEST_DESCRIPTION = 2048;
    private static final int LONGEST_TYPE = 131_072;
    private static final int LONGEST_LOCATION = 2056;
    /// What the model allows in no text on one line.
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0A-\\x1F\\x{FFFE}\\x{FFFF}]");

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        return switch (context.request()) {
            case CreateTableRequest create ->
                create.toBuilder().tableInput(fitting(create.tableInput())).build();
            case UpdateTableRequest update ->
                update.toBuilder().tableInput(fitting(update.tableInput())).build();
            case SdkRequest other -> other;
        };
    }

    private static TableInput fitting(TableInput table) {
        TableInput.Builder fitting = table.toBuilder().description(shortened(table.description(), LONGEST_DESCRIPTION));
        StorageDescriptor storage = table.storageDescriptor();
        if (storage != null) {
            requireLength("the location", storage.location(), LONGEST_LOCATION);
            fitting.storageDescriptor(
                    storage.toBuilder().columns(columns(storage.columns())).build());
        }
        return fitting.build();
    }

    private static List<Column> columns(List<Column> columns) {
        return columns.stream().map(TableDescriptions::fitting).toList();
    }

    private static Column fitting(Column column) {
        String name = column.name();
        String subject = "column `" + shortened(name, 60) + "`";
        requireLength("the name of " + subject, name, LONGEST_NAME);
        if (name.isEmpty() || CONTROL.matcher(name).find()) {
            throw refused("the name of " + subject + " is empty or has control characters; rename the column");
        }
        requireLength("the type of " + subject, column.type(), LONGEST_TYPE);
        if (column.type() != null && CONTROL.matcher(column.type()).find()) {
            throw refused("a field within " + subject + " has control characters in its name; rename the field");
        }
        return column.toBuilder()
                .comment(shortened(column.comment(), LONGEST_COMMENT))
                .build();
    }

    private static void requireLength(String what, @Nullable String text, int limit) {
        if (text != null && length(text) > limit) {
            throw refused(what + " has " + length(text) + " characters in Glue, which takes at most " + limit);
        }
    }

    private static @Nullable String shortened(@Nullable String text, int limit) {
        if (text == null) {
            return null;
        }
        String oneLine = CONTROL.matcher(text).replaceAll(" ");
        return length(oneLine) <= limit
                ? oneLine
                : oneLine.substring(0, oneLine.offsetByCodePoints(0, limit - 1)) + "…";
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /// As Glue itself would refuse it, so that Iceberg takes it for a refusal.
    private static RuntimeException refused(String reason) {
        return ValidationException.builder().message(reason).statusCode(400).build();
    }
}
