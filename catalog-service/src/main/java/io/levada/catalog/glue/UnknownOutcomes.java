package io.levada.catalog.glue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.glue.GlueClient;
import software.amazon.awssdk.services.glue.model.CreateDatabaseRequest;
import software.amazon.awssdk.services.glue.model.CreateDatabaseResponse;
import software.amazon.awssdk.services.glue.model.CreateTableRequest;
import software.amazon.awssdk.services.glue.model.CreateTableResponse;
import software.amazon.awssdk.services.glue.model.DeleteDatabaseRequest;
import software.amazon.awssdk.services.glue.model.DeleteDatabaseResponse;
import software.amazon.awssdk.services.glue.model.DeleteTableRequest;
import software.amazon.awssdk.services.glue.model.DeleteTableResponse;
import software.amazon.awssdk.services.glue.model.GetDatabaseRequest;
import software.amazon.awssdk.services.glue.model.GetDatabaseResponse;
import software.amazon.awssdk.services.glue.model.GetDatabasesRequest;
import software.amazon.awssdk.services.glue.model.GetDatabasesResponse;
import software.amazon.awssdk.services.glue.model.GetTableRequest;
import software.amazon.awssdk.services.glue.model.GetTableResponse;
import software.amazon.awssdk.services.glue.model.GetTablesRequest;
import software.amazon.awssdk.services.glue.model.GetTablesResponse;
import software.amazon.awssdk.services.glue.model.OperationTimeoutException;
import software.amazon.awssdk.services.glue.model.UpdateDatabaseRequest;
import software.amazon.awssdk.services.glue.model.UpdateDatabaseResponse;
import software.amazon.awssdk.services.glue.model.UpdateTableRequest;
import software.amazon.awssdk.services.glue.model.UpdateTableResponse;

/// A client of Glue that tells a change that Glue has refused from one that it may have carried out
/// ([InDoubtException]).
///
/// Iceberg's GlueTableOperations takes every answer of the service to a first attempt for a refusal, also a 500 and an
/// `OperationTimeoutException`, and deletes the metadata that the table may by then consist of. And what a later
/// attempt is refused for, such as expired credentials, it takes for the fate of all attempts.
///
/// Here each attempt of a request counts: a request is refused only where Glue refused every one. Of all others the
/// failure becomes one of the client, which Iceberg does not judge by: it looks at the table, deletes nothing, and
/// where that does not tell, says that the state is unknown. Databases, and tables that are dropped, it does not look
/// at: that is [GlueLakeCatalog]'s.
///
/// Has the operations that Iceberg's catalog asks for, and no others. An interceptor can not do it: the SDK lets it
/// change a failure, not its type.
final class UnknownOutcomes implements GlueClient {
    private final GlueClient glue;

    /// @param glue which [UnansweredAttempts] intercepts
    UnknownOutcomes(GlueClient glue) {
        this.glue = glue;
    }

    private static <A> A known(Function<AwsRequestOverrideConfiguration, A> change) {
        AtomicInteger unanswered = new AtomicInteger();
        try {
            return change.apply(UnansweredAttempts.counting(unanswered));
        } catch (SdkException e) {
            throw unanswered.get() > 0 || e instanceof OperationTimeoutException ? new InDoubtException(e) : e;
        }
    }

    @Override
    public CreateDatabaseResponse createDatabase(CreateDatabaseRequest request) {
        return known(counting -> glue.createDatabase(
                request.toBuilder().overrideConfiguration(counting).build()));
    }

    @Override
    public UpdateDatabaseResponse updateDatabase(UpdateDatabaseRequest request) {
        return known(counting -> glue.updateDatabase(
                request.toBuilder().overrideConfiguration(counting).build()));
    }

    @Override
    public DeleteDatabaseResponse deleteDatabase(DeleteDatabaseRequest request) {
        return known(counting -> glue.deleteDatabase(
                request.toBuilder().overrideConfiguration(counting).build()));
    }

    @Override
    public CreateTableResponse createTable(CreateTableRequest request) {
        return known(counting -> glue.createTable(
                request.toBuilder().overrideConfiguration(counting).build()));
    }

    @Override
    public UpdateTableResponse updateTable(UpdateTableRequest request) {
        return known(counting -> glue.updateTable(
                request.toBuilder().overrideConfiguration(counting).build()));
    }

    @Override
    public DeleteTableResponse deleteTable(DeleteTableRequest request) {
        return known(counting -> glue.deleteTable(
                request.toBuilder().overrideConfiguration(counting).build()));
    }

    @Override
    public GetDatabaseResponse getDatabase(GetDatabaseRequest request) {
        return glue.getDatabase(request);
    }

    @Override
    public GetDatabasesResponse getDatabases(GetDatabasesRequest request) {
        return glue.getDatabases(request);
    }

    @Override
    public GetTableResponse getTable(GetTableRequest request) {
        return glue.getTable(request);
    }

    @Override
    public GetTablesResponse getTables(GetTablesRequest request) {
        return glue.getTables(request);
    }

    @Override
    public String serviceName() {
        return glue.serviceName();
    }

    @Override
    public void close() {
        glue.close();
    }
}
