"""Signs in with the library and in the way that the first argument names, and lists the machine actions."""

import json
import os
import sys
import urllib.request

import azure.identity
import msal

microsoft = "https://login.microsoftonline.com"
tenant = os.environ["AZURE_TENANT_ID"]
client = os.environ["AZURE_CLIENT_ID"]
secret = os.environ["AZURE_CLIENT_SECRET"]
here = os.environ["DEFENDER_AUTHORITY"]
scope = "https://api.securitycenter.microsoft.com/.default"


def by_msal(authority, **options):
    app = msal.ConfidentialClientApplication(
        client, client_credential=secret, authority=f"{authority}/{tenant}", **options
    )
    result = app.acquire_token_for_client(scopes=[scope])
    return result.get("access_token") or sys.exit(json.dumps(result))


def by_azure_identity(**options):
    credential = azure.identity.ClientSecretCredential(tenant, client, secret, **options)
    return credential.get_token(scope).token


ways = {
    "msal-microsoft": lambda: by_msal(microsoft),
    "msal-discovery": lambda: by_msal(here),
    "msal-no-discovery": lambda: by_msal(here, instance_discovery=False),
    "azure-identity-microsoft": lambda: by_azure_identity(),
    "azure-identity-discovery": lambda: by_azure_identity(authority=here),
    "azure-identity-no-discovery": lambda: by_azure_identity(authority=here, disable_instance_discovery=True),
}

token = ways[sys.argv[1]]()
request = urllib.request.Request(
    "https://api.securitycenter.microsoft.com/api/machineactions?$top=1",
    headers={"Authorization": f"Bearer {token}"},
)
with urllib.request.urlopen(request) as answer:
    print(len(json.load(answer)["value"]))
