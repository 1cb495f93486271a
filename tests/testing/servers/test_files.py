"""The SFTP server and the S3 endpoint, asked by clients that are not ours."""

import subprocess
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from merger.testing.servers.programs import which


def ask(server, *commands, host_keys=None):
    client = which("sftp")
    if client is None:
        pytest.skip("no sftp client; install it with: apt-get install openssh-client")
    options = ["BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes"]
    options += [f"UserKnownHostsFile={host_keys or server.known_hosts}", f"IdentityFile={server.key}"]
    told = [part for option in options for part in ("-o", option)]
    return subprocess.run(
        [client, "-F", "/dev/null", *told, "-P", str(server.port), "-b", "-", f"{server.user}@{server.host}"],
        input="\n".join(commands) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_sent_by_sftp_lies_in_the_servers_folder_and_comes_back(sftp_server, tmp_path):
    (tmp_path / "one").write_bytes(bytes(range(256)) * 1000)
    done = ask(sftp_server, "mkdir sent", f"put {tmp_path}/one sent/one", f"get sent/one {tmp_path}/two")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "two").read_bytes() == (tmp_path / "one").read_bytes()
    assert (sftp_server.files / "sent" / "one").stat().st_size == 256_000


def test_an_sftp_server_is_known_by_its_key(sftp_server, tmp_path):
    (tmp_path / "nobody-known").touch()
    done = ask(sftp_server, "pwd", host_keys=tmp_path / "nobody-known")
    assert done.returncode != 0
    assert "Host key verification failed" in done.stderr


def client(endpoint):
    boto3 = pytest.importorskip("boto3")
    keys = {"aws_access_key_id": endpoint.access_key, "aws_secret_access_key": endpoint.secret_key}
    return boto3.client("s3", endpoint_url=endpoint.url, region_name=endpoint.region, **keys)


def test_a_file_put_into_a_bucket_comes_back(s3_endpoint):
    bucket, content = s3_endpoint.create("a-bucket"), bytes(range(256)) * 1000
    asking = client(s3_endpoint)
    asking.put_object(Bucket=bucket, Key="a/Đắk Nông", Body=content)
    assert asking.get_object(Bucket=bucket, Key="a/Đắk Nông")["Body"].read() == content


def test_a_bucket_is_empty_and_one_that_was_not_made_is_not_there(s3_endpoint):
    asking = client(s3_endpoint)
    assert asking.list_objects_v2(Bucket=s3_endpoint.create("empty-bucket"))["KeyCount"] == 0
    with pytest.raises(Exception, match="NoSuchBucket"):
        asking.list_objects_v2(Bucket="no-such-bucket")


def test_whoever_shows_no_key_reads_nothing(s3_endpoint):
    bucket = s3_endpoint.create("closed-bucket")
    client(s3_endpoint).put_object(Bucket=bucket, Key="file", Body=b"content")
    with pytest.raises(HTTPError, match="403"):
        urlopen(f"{s3_endpoint.url}/{bucket}/file", timeout=10)
